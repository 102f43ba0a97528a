import { answer, type PrivateAnswer, plain, type Text } from '../model/notice.ts';

/** A request that can't go on, with the answer for whoever asked. Nothing has been asked of anybody yet. */
export class Refusal extends Error {
  readonly answer: PrivateAnswer;
  constructor(...lines: (string | Text)[]) {
    const words = answer(...lines);
    super(words.lines.map(plain).join(' '));
    this.answer = words;
  }
}
