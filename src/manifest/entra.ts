import { fillTemplate } from './template.ts';

/**
 * The commands (a shell script for the Azure CLI) that make the Entra applications for Defender and for Teams with the ids
 * of their roles, and the Azure Bot that calls `url`. Throws AppError `config` for an address that the Azure Bot couldn't call.
 */
export function entraCommands(url: string): string {
  return fillTemplate('entra.sh', url, 'the Azure Bot');
}
