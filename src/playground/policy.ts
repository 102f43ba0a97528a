import { CONVERSATIONS, GROUPS, PEOPLE } from './teams-channel/people.ts';

/**
 * The policy of the playground: an analyst, two leads, and a guest who is listed and must be turned away all the same. In
 * Teams the analysts are an Entra group; the leads are named, so that the card can call them and show them its buttons.
 */
export const PLAYGROUND_POLICY = `version: 1
channels:
  slack: [C0SOC, C0PRIVATE]
  teams: ["${CONVERSATIONS.soc}", "${CONVERSATIONS.socPrivate}"]
groups:
  analysts: { slack: { users: [U0ANA, U0GUS] }, teams: { entraGroups: [${GROUPS.analysts}] } }
  leads: { slack: { users: [U0LEA, U0LEO] }, teams: { users: [${PEOPLE.lea}, ${PEOPLE.leo}] } }
requesters: [analysts, leads]
approvers: [leads]
rules:
  - name: Credential stores
    match: { commands: [get], paths: ["C:/Windows/NTDS/**"] }
    refuse: "Collect domain credentials through the forensics team."
  - name: Domain controllers
    match: { machineTags: [tier0] }
    approvals: 2
    expireAfter: 2h
    startWithin: 1h
    reason: "^INC-[0-9]+"
default: { approvals: 1, expireAfter: 8h, startWithin: 8h, breakGlass: true }
breakGlass: { allowed: [leads], reviewWithin: 24h }
limits: { pollEvery: 2s, commandsPerPerson: 120/m }
`;
