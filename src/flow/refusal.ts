import { answer, type Button, type PrivateAnswer, plain, type Text } from '../model/notice.ts';

/** A request that can't go on, with the answer for whoever asked. Nothing has been asked of anybody yet. */
export class Refusal extends Error {
  readonly answer: PrivateAnswer;
  /** What it rests on, for the audit trail. */
  grounds: { rule?: string; refusedBy?: string } = {};
  constructor(...lines: (string | Text)[]) {
    const words = answer(...lines);
    super(words.lines.map(plain).join(' '));
    this.answer = words;
  }

  /** Itself, with what it rests on: the policy's rule, and the condition that isn't met. */
  on(grounds: Refusal['grounds']): this {
    this.grounds = grounds;
    return this;
  }

  /** Itself, with a button for a way out. */
  offering(button: Button): this {
    this.answer.buttons.push(button);
    return this;
  }
}
