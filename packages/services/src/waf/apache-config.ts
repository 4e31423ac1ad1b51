import type { ApacheParts } from './find-apache.ts';

export interface ApacheConfigOptions {
  readonly host: string;
  readonly port: number;
  /** A folder of its own, in which it may write below `data/`. */
  readonly folder: string;
  /** Apache does not answer as root: the user and group that it becomes. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * The whole configuration of an Apache that judges: 403 for what the core rules deny, 200 for everything
 * else, whatever its method and path. Nothing outside of `folder` is written.
 */
export function apacheConfig(parts: ApacheParts, options: ApacheConfigOptions): string {
  const { host, port, folder, user } = options;
  const quoted = (path: string) => `"${path}"`;
  const module = (name: string) =>
    `LoadModule ${name}_module ${quoted(`${parts.modules}/mod_${name}.so`)}`;
  return `ServerRoot ${quoted(folder)}
PidFile ${quoted(`${folder}/apache.pid`)}
DefaultRuntimeDir ${quoted(folder)}
${['mpm_event', 'authz_core', 'unique_id', 'rewrite', 'security2'].map(module).join('\n')}
${user ? `User #${user.uid}\nGroup #${user.gid}` : ''}
Listen ${host.includes(':') ? `[${host}]` : host}:${port}
ServerName modsecurity
ServerTokens Prod
TraceEnable Off
StartServers 1
ServerLimit 2
ThreadsPerChild 25
MaxRequestWorkers 50
KeepAliveTimeout 60
MaxKeepAliveRequests 0
ErrorLog "|/bin/cat"
LogLevel warn

# What a gateway passes may be longer than Apache's usual limits, and is no path of a file here.
LimitRequestLine 65536
LimitRequestFieldSize 65536
LimitRequestFields 200
AllowEncodedSlashes NoDecode
DocumentRoot ${quoted(`${folder}/site`)}
<Directory ${quoted(`${folder}/site`)}>
  Require all granted
  Options FollowSymLinks
  # After the rules have seen the body: per-directory rewriting comes behind them.
  RewriteEngine On
  RewriteRule ^ - [R=200,L]
</Directory>
ErrorDocument 200 "allowed"
ErrorDocument 403 "denied by the web application firewall"

SecRuleEngine On
SecRequestBodyAccess On
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 1048576
SecRequestBodyLimitAction Reject
SecResponseBodyAccess Off
SecTmpDir ${quoted(`${folder}/data`)}
SecDataDir ${quoted(`${folder}/data`)}
SecAuditEngine Off
SecArgumentSeparator &
SecCookieFormat 0
SecStatusEngine Off
SecUnicodeMapFile ${quoted(parts.unicodeMapping)} 20127
SecPcreMatchLimit 100000
SecPcreMatchLimitRecursion 100000
SecRule REQUEST_HEADERS:Content-Type "(?:application(?:/soap\\+|/)|text/)xml" "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "application/(?:[a-z0-9.-]+\\+)?json" "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule REQBODY_ERROR "!@eq 0" "id:200002,phase:2,t:none,log,deny,status:403,msg:'Failed to parse request body',severity:2"
SecAction "id:900200,phase:1,nolog,pass,t:none,setvar:'tx.allowed_methods=GET HEAD POST OPTIONS PUT PATCH DELETE'"
Include ${quoted(parts.ruleSetup)}
Include ${quoted(`${parts.rules}/*.conf`)}
`;
}
