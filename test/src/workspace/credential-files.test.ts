import { expect, it } from 'vitest';
import { isCredentialFile } from '../../../src/workspace/credential-files.ts';

it.each(
  `.env .env.production prod.env config/PROD.ENV .envrc deploy/.envrc .flaskenv .dev.vars local.settings.json
  server.pem tls/SERVER.KEY AuthKey_1.p8 cert.p12 cert.pfx store.jks debug.keystore putty.ppk vault.kdbx http.keytab
  id_rsa id_ed25519.old .ssh/config .ssh/known/id deploy_rsa .gnupg/secring.gpg .password-store/mail.gpg client.ovpn
  .netrc _netrc .pgpass pgpass.conf .pg_service.conf .my.cnf .mylogin.cnf .git-credentials .config/gh/hosts.yml
  .npmrc .pypirc .gem/credentials .cargo/credentials .cargo/credentials.toml .composer/auth.json .m2/settings.xml
  .docker/config.json home/.docker/config.json .dockercfg .dockerconfigjson .s3cfg .boto rclone.conf .curlrc
  .aws/credentials .aws/sso/cache/x.json .azure/accessTokens.json .azure/msal_token_cache.json .config/gcloud/x.db
  application_default_credentials.json service-account.json my-service_account-prod.json shop-firebase-adminsdk-1.json
  .kube/config kubeconfig kubeconfig.yaml prod.kubeconfig main.tfvars prod.auto.tfvars.json terraform.tfstate
  terraform.tfstate.backup .terraformrc .terraform.d/credentials.tfrc.json .vault-token .vault_pass vault_pass.txt
  credentials credentials.json credentials.yaml client_secret_1.json secrets.yaml .streamlit/secrets.toml .secrets
  .htpasswd etc/shadow wp-config.php .bash_history .psql_history .vscode/sftp.json sftp-config.json WinSCP.ini
  secrets.prod.yaml db.secrets.yml app.secrets.toml values.secret.yaml gcp-credentials.json aws_credentials rootkey.csv
  bob_accessKeys.csv firebase-adminsdk.json token.json openai_api_key.txt apikey.txt password.txt private-key.txt signing-key.json
  .stripe/config.toml .config/stripe/config.toml .netlify/config.json .supabase/access-token .cloudflared/1.json .anthropic
  .config/argocd/config .config/helm/repositories.yaml .gitlab-runner/config.toml .config/pip/pip.conf .nuget/NuGet.Config
  .subversion/auth/svn.simple/a .remmina/a.remmina key.properties LocalSettings.php settings.local.php app/config/parameters.yml
  ipsec.secrets wpa_supplicant.conf .erlang.cookie logins.json key4.db user-secrets.json confCons.xml mnemonic.txt
  server.key.old server.key~ .npmrc.bak .netrc.orig.1 .pgpass.2 id_rsa.bak secrets.yaml.swp`.split(/\s+/u),
)('%s is never read', (path) => {
  expect(isCredentialFile(path)).toBe(true);
  expect(isCredentialFile(`packages/api/${path}`)).toBe(true);
});

it.each(
  `.env.example .env.sample .env.template .env.dist src/credentials/index.ts src/secrets/rotate.ts keys.ts key.ts
  environment.ts src/env.ts kubeconfig.ts docker/config.json config.json settings.xml src/auth.ts token.ts hosts.yml
  npmrc.md main.tf variables.tf docs/terraform.md package.json README.old notes.bak .gitignore monkey.ts history.ts
  service-account.ts secretary.json terraform.tfvars.example .npmrc.example .ssh.md test/fixtures/shadow.css
  tokens.json nuget.config pip.conf appsettings.json config/database.yml web.config secrets.example.yaml secrets.schema.json
  credentials.test.ts api-keys.md docs/password.md helm/values.yaml charts/repositories.md argocd/app.yaml logins.ts
  .secrets.baseline src/id.ts pgpass.ts`.split(/\s+/u),
)('%s is read', (path) => {
  expect(isCredentialFile(path)).toBe(false);
});
