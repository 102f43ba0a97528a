#!/bin/sh
# What liveresponse needs in Entra and Azure, made with the Azure CLI. Read it, then:
#
#   az login
#   sh live-response-entra.sh defender          the application that runs live responses (docs/defender.md)
#   sh live-response-entra.sh teams <group>     the bot of Microsoft Teams, its Azure Bot in this resource group (docs/teams.md)
#
# Both grant application permissions for the whole tenant, which takes a Privileged Role Administrator or Global Administrator.
# They are two applications, so that neither secret opens what the other one does. No secret is made here: the last lines
# that are printed say how.
set -eu

DEFENDER_NAME='Live Response bot'
TEAMS_NAME='Live Response in Teams'
MESSAGES='https://bot.example.com/api/messages'

# Application permissions of WindowsDefenderATP, the Defender for Endpoint API.
DEFENDER_API=fc780465-2017-40d4-a0c5-307022471b92
MACHINE_LIVE_RESPONSE=1629b959-c0af-42a1-92f0-f6162060bdf1 # Machine.LiveResponse: starts and cancels live responses
MACHINE_READ_ALL=ea8291d3-4b9a-44b5-bc3a-6cea3026dc79      # Machine.Read.All: finds machines, follows actions, opens results
LIBRARY_MANAGE=41d209c7-2511-4fc9-b899-8008a3976f09        # Library.Manage: reads the library; there is no lesser one

# Application permissions of Microsoft Graph.
GRAPH=00000003-0000-0000-c000-000000000000
USER_READ_ALL=df021288-bdef-4463-88db-98f22de89214        # User.Read.All: who is a guest, whose account is deactivated
GROUP_MEMBER_READ_ALL=98830695-27a2-44f7-8c18-0c3ebc9698f6 # GroupMember.Read.All: who is in the policy's entraGroups

main() {
  case "${1-} $#" in
    'defender 1') defender ;;
    'teams 2') teams "$2" ;;
    *) stop "Say: sh $0 defender, or: sh $0 teams <resource group>" ;;
  esac
}

defender() {
  tenant=$(signed_in)
  az ad sp show --id "$DEFENDER_API" --output none ||
    stop 'This tenant has no WindowsDefenderATP: set up Defender for Endpoint first.'
  app=$(application "$DEFENDER_NAME")
  permit "$app" "$DEFENDER_API" "$MACHINE_LIVE_RESPONSE=Role" "$MACHINE_READ_ALL=Role" "$LIBRARY_MANAGE=Role"
  tell DEFENDER "$app" DEFENDER_CLIENT_ID DEFENDER_CLIENT_SECRET
}

teams() {
  tenant=$(signed_in)
  az group show --name "$1" --output none ||
    stop "There is no resource group $1: az group create --name $1 --location <region>"
  app=$(application "$TEAMS_NAME")
  permit "$app" "$GRAPH" "$USER_READ_ALL=Role" "$GROUP_MEMBER_READ_ALL=Role"
  # Names of bots are unique in all of Azure.
  bot="live-response-${app%%-*}"
  az bot create --resource-group "$1" --name "$bot" --display-name 'Live Response' --endpoint "$MESSAGES" \
    --app-type SingleTenant --appid "$app" --tenant-id "$tenant" --sku F0 --output none
  az bot msteams create --resource-group "$1" --name "$bot" --output none
  tell TEAMS "$app" TEAMS_APP_ID TEAMS_APP_PASSWORD
}

# Makes an application of this tenant and its service principal, and prints its id.
application() {
  # az would take an application of this name for the one that is meant, and change it.
  known=$(az ad app list --filter "displayName eq '$1'" --query '[].appId' --output tsv) || exit 1
  [ -z "$known" ] || stop "There is an application “$1” already: $known. Delete it, or change its name in this file."
  id=$(az ad app create --display-name "$1" --sign-in-audience AzureADMyOrg --query appId --output tsv) || exit 1
  patiently az ad sp create --id "$id" --output none
  echo "$id"
}

# permit <application> <api> <role>…: asks for the roles and grants them.
permit() {
  client=$1 api=$2
  shift 2
  patiently az ad app permission add --id "$client" --api "$api" --api-permissions "$@" --output none
  patiently az ad app permission admin-consent --id "$client" --output none
}

# Entra takes up to a minute to know everywhere what it has just made.
patiently() {
  for _ in 1 2 3 4 5 6; do
    if "$@"; then return; fi
    echo 'Entra is not there yet, again in 10 s …' >&2
    sleep 10
  done
  stop "Gave up on: $*"
}

# The tenant that everything is made in.
signed_in() {
  az account show --query tenantId --output tsv || stop 'Sign in first: az login'
}

# tell <prefix> <application> <variable of the id> <variable of the secret>
tell() {
  name=$(printf %s "$1" | tr '[:upper:]' '[:lower:]')
  cat <<TEXT

Into .env:

$1_TENANT_ID=$tenant
$3=$2

And one way to sign in. A certificate, which is the better one (the key stays on this machine):

openssl req -x509 -newkey rsa:3072 -sha256 -days 365 -nodes -subj '/CN=live-response' -keyout $name.key -out $name.crt
az ad app credential reset --id $2 --append --cert @$name.crt
(umask 077; cat $name.key $name.crt > $name.pem) && rm $name.key

with $1_CERTIFICATE_PATH=$name.pem; or a secret, which is shown once, for $4:

az ad app credential reset --id $2 --append --display-name bot --years 1 --query password --output tsv
TEXT
}

stop() {
  printf '%s\n' "$*" >&2
  exit 1
}

main "$@"
