import { type IgnoreRules, parseIgnoreRules } from './ignore-rules.ts';

/**
 * Files that usually contain credentials, by kind. Never read, even if committed, because the model sees what is read.
 * Case is ignored. Templates stay readable.
 */
const files = [
  // Program environments.
  ['.env', '.env.*', '*.env', '.envrc', '.envrc.*', '.flaskenv', 'local.settings.json', '.dev.vars'],
  ['!.env.example', '!.env.sample', '!.env.template', '!.env.dist', '!example.env', '!sample.env', '!template.env'],
  // Keys and key stores.
  ['*.pem', '*.key', '*.p8', '*.p12', '*.pfx', '*.pkcs12', '*.jks', '*.keystore', '*.bcfks', '*.ppk', '*.agekey'],
  ['*.kdb', '*.kdbx', '*.psafe3', '*.keychain', '*.keychain-db', '*.keytab', 'wallet.dat', '*.wallet', '*.1pif'],
  ['id_rsa*', 'id_dsa*', 'id_ecdsa*', 'id_ed25519*', '*_rsa', '*_dsa', '*_ecdsa', '*_ed25519', 'deploy_key'],
  ['secring.*', '*.asc.key', 'otr.private_key', 'age/keys.txt', '*.ovpn', 'wg[0-9].conf'],
  // Tool log-ins.
  ['.netrc', '_netrc', '.pgpass', 'pgpass.conf', '.pg_service.conf', '.my.cnf', '.mylogin.cnf', '.mysql/config'],
  ['.git-credentials', '.config/git/credentials', 'gh/hosts.yml', '.config/hub', 'glab-cli/config.yml'],
  ['.npmrc', '.pypirc', '.gem/credentials', '.bundle/config', '.cargo/credentials', '.cargo/credentials.toml'],
  ['.composer/auth.json', 'auth.json', '.m2/settings.xml', 'settings-security.xml', '.gradle/gradle.properties'],
  ['.docker/config.json', '.dockercfg', '.dockerconfigjson', '.sentryclirc', '.databrickscfg', '.snowsql/config'],
  ['.snowflake/connections.toml', '.dbt/profiles.yml', 'kaggle.json', 'huggingface/token', '.huggingface/token'],
  ['.boto', '.s3cfg', 'rclone.conf', '.rclone.conf', '.curlrc', '.wgetrc', '.msmtprc', '.fetchmailrc', '.esmtprc'],
  ['.smbcredentials', 'sftp-config.json', '.vscode/sftp.json', '.ftpconfig', '.remote-sync.json', 'winscp.ini'],
  ['sitemanager.xml', 'recentservers.xml', 'filezilla.xml', 'datasources.local.xml', 'credentials-config.json'],
  ['ngrok.yml', 'ngrok2.yml', '.travis/config.yml', '.circleci/cli.yml', 'doctl/config.yaml', '.fly/config.yml'],
  [
    '.netlify/config.json',
    '.railway/config.json',
    '.supabase/access-token',
    'stripe/config.toml',
    '.stripe/config.toml',
  ],
  ['.anthropic', '.anthropic/config.json', '.openai', '.config/openai.json', '.wrangler/config/default.toml'],
  [
    '.cloudflared/*.json',
    'argocd/config',
    '.argocd/config',
    'helm/repositories.yaml',
    '.helm/repository/repositories.yaml',
  ],
  ['gitlab-runner/config.toml', '.gitlab-runner/config.toml', '.pip/pip.conf', '.config/pip/pip.conf', 'pip/pip.ini'],
  ['.nuget/nuget.config', '.bzr/authentication.conf', '.p4tickets', 'confcons.xml', 'key.properties'],
  ['.config/netlify/config.json', '.pulumi/credentials.json', '.oci/config', '.bluemix/config.json'],
  // Clouds and clusters.
  ['.aws/credentials', '.aws/config', 'application_default_credentials.json', 'gcloud/credentials.db'],
  ['accesstokens.json', 'msal_token_cache.*', 'azureprofile.json', '*.publishsettings', 'gcloud/access_tokens.db'],
  ['*service-account*.json', '*service_account*.json', '*serviceaccount*.json', '*-firebase-adminsdk-*.json'],
  ['*firebase-adminsdk*.json', '*-credentials.json', '*_credentials.json', 'aws_credentials', 'rootkey.csv'],
  ['accesskeys.csv', '*_accesskeys.csv', 'gcp-key.json', 'token.json', 'oauth_token.json', 'azureauth.properties'],
  ['.kube/config', 'kubeconfig', 'kubeconfig.yaml', 'kubeconfig.yml', 'kubeconfig.json', '*.kubeconfig'],
  ['kubernetes/admin.conf', 'k3s.yaml'],
  // Infrastructure as code.
  ['*.tfvars', '*.tfvars.json', '*.tfstate', '*.tfstate.*', '.terraformrc', 'terraform.rc', '*.tfrc.json'],
  [
    '.vault-token',
    '.vault_pass',
    '.vault_pass.*',
    '.vault-pass',
    '.vault_password',
    'vault_pass.txt',
    'vault-pass.txt',
  ],
  // Files named after their credentials.
  ['credentials', 'credentials.json', 'credentials.xml', 'credentials.csv', 'credentials.ini', 'credentials.toml'],
  ['credentials.yml', 'credentials.yaml', '.credentials', '.credentials.json', 'client_secret*.json', '*.secret'],
  ['secrets.json', 'secrets.yml', 'secrets.yaml', 'secrets.toml', 'secrets.ini', '.secrets', '.secrets.*'],
  ['secret.json', 'secret.yml', 'secret.yaml', 'secret.toml', 'secrets.txt', 'passwords.txt', 'passwords.csv'],
  [
    'secrets.*.json',
    'secrets.*.yml',
    'secrets.*.yaml',
    '*.secret.yml',
    '*.secret.yaml',
    '*.secrets.yml',
    '*.secrets.yaml',
  ],
  [
    '*.secrets.toml',
    'user-secrets.json',
    '*api_key*.txt',
    '*api-key*.txt',
    '*apikey*.txt',
    'api_keys.json',
    'apikeys.json',
  ],
  [
    'password.txt',
    'pass.txt',
    'private-key.txt',
    'private_key.txt',
    '*private.asc',
    'signing-key.json',
    'mnemonic.txt',
  ],
  ['!secrets.example.*', '!secrets.sample.*', '!secrets.template.*', '!secrets.schema.json'],
  ['!.secrets.baseline', '!.secrets.example'],
  // Server and application passwords.
  ['.htpasswd', 'htpasswd', '.htdigest', 'etc/shadow', 'etc/gshadow', 'hudson.util.secret', 'wp-config.php'],
  ['localsettings.php', 'settings.local.php', 'config/parameters.yml', 'ipsec.secrets', 'chap-secrets', 'pap-secrets'],
  ['wpa_supplicant.conf', '.erlang.cookie', 'logins.json', 'key3.db', 'key4.db', 'signons.sqlite', 'cookies.sqlite'],
  ['.bash_history', '.zsh_history', '.psql_history', '.mysql_history', '.python_history', '.rediscli_history'],
  ['.node_repl_history', '.sqlite_history', '.sh_history'],
].flat();

const folders = [
  ['.ssh/', '.gnupg/', '.password-store/', 'private-keys-v1.d/', '*.agilekeychain/', '*.opvault/', '*.1password/'],
  ['.aws/sso/', '.aws/cli/', '.azure/', '.config/gcloud/', '.env/', '.subversion/auth/', '.remmina/'],
].flat();

const fileRules = inAnyFolder(files);
const folderRules = inAnyFolder(folders);
/** A backup copy left by an editor or a person. */
const backup = /(?:~|\.(?:bak|backup|old|orig|save|saved|swp|tmp|copy|prev|disabled|\d{1,8}))$/iu;

function inAnyFolder(patterns: readonly string[]): IgnoreRules {
  const anywhere = patterns.map((pattern) => (pattern.slice(0, -1).includes('/') ? `**/${pattern}` : pattern));
  return parseIgnoreRules(anywhere, { ignoreCase: true });
}

/** Patterns are matched against at most this many characters of a path. */
const maxParts = 4;
const maxBackups = 3;
/** No system opens longer paths. A path that cannot be checked is not read. */
const maxPathLength = 4096;

/** Whether a file with this path (relative, with `/`) usually contains credentials. Checks its folders, too. */
export function isCredentialFile(path: string): boolean {
  if (path.length > maxPathLength) return true;
  const parts = path.split('/');
  const end = (length: number): string => parts.slice(Math.max(0, length - maxParts), length).join('/');
  const inFolder = parts.some((_, index) => index > 0 && isCredentialEntry(end(index), true));
  return inFolder || isCredentialEntry(end(parts.length), false);
}

/** Checks only the last part. */
export function isCredentialEntry(path: string, isFolder: boolean): boolean {
  const rules = isFolder ? folderRules : fileRules;
  let name = path.split('/').slice(-maxParts).join('/');
  for (let count = 0; count <= maxBackups; count += 1) {
    const verdict = rules.verdict(name, isFolder, { steps: 0 });
    if (verdict !== undefined) return verdict === 'ignored';
    const original = name.replace(backup, '');
    if (isFolder || original === name || original === '' || original.endsWith('/')) return false;
    name = original;
  }
  return false;
}
