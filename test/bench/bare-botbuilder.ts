import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ActivityTypes, CloudAdapter, ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import { AuthenticationConstants, PasswordServiceClientCredentialFactory } from 'botframework-connector';
import express from 'express';

/** What the bot is compared with: botbuilder on express that checks the token, acknowledges, and does nothing else. */
const [appId = '', tenantId = '', openIdMetadataUrl = ''] = process.argv.slice(2);
const authentication = new ConfigurationBotFrameworkAuthentication(
  {
    MicrosoftAppId: appId,
    MicrosoftAppTenantId: tenantId,
    MicrosoftAppType: 'SingleTenant',
    ToChannelFromBotLoginUrl: `https://login.microsoftonline.com/${tenantId}`,
    ToChannelFromBotOAuthScope: 'https://api.botframework.com/.default',
    ToBotFromChannelTokenIssuer: 'https://api.botframework.com',
    OAuthUrl: AuthenticationConstants.OAuthUrl,
    ToBotFromChannelOpenIdMetadataUrl: openIdMetadataUrl,
    ToBotFromEmulatorOpenIdMetadataUrl: AuthenticationConstants.ToBotFromEmulatorOpenIdMetadataUrl,
    CallerId: '',
  },
  new PasswordServiceClientCredentialFactory(appId, 'nothing goes out', tenantId),
);
const adapter = new CloudAdapter(authentication);
const WORDS = { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Done.' };
const app = express().use(express.json());
app.post('/api/messages', (request, response) =>
  adapter.process(request, response, async (context) => {
    if (context.activity.type !== 'invoke') return;
    await context.sendActivity({ type: ActivityTypes.InvokeResponse, value: { status: 200, body: WORDS } });
  }),
);
const server = createServer(app);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages\n`);
});
// It ends with whoever started it, however that ends.
process.stdin.once('end', () => process.exit(0)).resume();
