// Families of user agents: what a person would call the client. A compact table in order of
// precedence; the maintained parsers are under licences that do not fit or 20 times its size.

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  // Probes and scrapers of one's own system.
  [/kube-probe/i, 'kube-probe'],
  [/^Prometheus\//i, 'Prometheus'],
  [
    /ELB-HealthChecker|GoogleHC|Consul Health Check|Uptime-Kuma|UptimeRobot|Pingdom/i,
    'health check',
  ],
  [/^Envoy\/HC/i, 'Envoy'],
  // Robots call themselves browsers: they come before them.
  [/\b([a-z0-9._-]*(?:bot|spider|crawler|slurp)[a-z0-9._-]*)\b/i, 'bot'],
  [/facebookexternalhit|WhatsApp|Mediapartners-Google|HeadlessChrome/i, 'bot'],
  // Libraries and tools.
  [/^curl\b/i, 'curl'],
  [/^Wget\b/i, 'wget'],
  [/^HTTPie\b/i, 'HTTPie'],
  [/^Go-http-client\b/i, 'Go-http-client'],
  [/^python-requests\b/i, 'python-requests'],
  [/^python-httpx\b/i, 'python-httpx'],
  [/^(?:Python.*aiohttp|aiohttp)/i, 'aiohttp'],
  [/^Python-urllib/i, 'Python-urllib'],
  [/^okhttp\b/i, 'okhttp'],
  [/^Apache-HttpClient\b|^Jakarta Commons-HttpClient/i, 'Apache-HttpClient'],
  [/^Apache-HttpAsyncClient/i, 'Apache-HttpClient'],
  [/JMeter/i, 'JMeter'],
  [/^ReactorNetty/i, 'ReactorNetty'],
  [/^Java(?:-http-client)?\//i, 'Java'],
  [/^axios\//i, 'axios'],
  [/^node-fetch/i, 'node-fetch'],
  [/^(?:node|undici)\b/i, 'Node.js'],
  [/^Deno\//i, 'Deno'],
  [/^Bun\//i, 'Bun'],
  [/^grpc-(?:node|go|java|python|c|dotnet|swift)?/i, 'grpc'],
  [/^Ruby\b|^Faraday/i, 'Ruby'],
  [/^GuzzleHttp/i, 'Guzzle'],
  [/^libwww-perl/i, 'libwww-perl'],
  [/^PostmanRuntime/i, 'Postman'],
  [/^insomnia/i, 'Insomnia'],
  [/^k6\//i, 'k6'],
  [/^(?:wrk|hey|ApacheBench|vegeta|fortio|siege|locust|Artillery)\b/i, 'load generator'],
  [/^fasthttp/i, 'fasthttp'],
  [/^Envoy\b/i, 'Envoy'],
  [/^(?:CFNetwork|.*\bCFNetwork\/)/i, 'CFNetwork'],
  [/^Dart\b/i, 'Dart'],
  [/^(?:reqwest|hyper|ureq)\//i, 'Rust'],
  [/^(?:Microsoft|Windows)[- ](?:BITS|HttpClient)|^\.NET/i, '.NET'],
  // Browsers, the more particular first: nearly all say Chrome and Safari too.
  [/\bEdgA?(?:iOS)?\/|\bEdge\//i, 'Edge'],
  [/\bOPR\/|\bOpera\b|\bOPiOS\//i, 'Opera'],
  [/\bSamsungBrowser\//i, 'Samsung Internet'],
  [/\bVivaldi\//i, 'Vivaldi'],
  [/\bYaBrowser\//i, 'Yandex'],
  [/\bFirefox\/|\bFxiOS\//i, 'Firefox'],
  [/\bMSIE |\bTrident\//i, 'Internet Explorer'],
  [/\bChromium\//i, 'Chromium'],
  [/\bChrome\/|\bCriOS\/|^chrome$/i, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\/|^Safari\//i, 'Safari'],
  [/\bMobile\/\w+.*AppleWebKit|AppleWebKit.*\bMobile\//i, 'Safari'],
];

/** The family of a user agent; its product token (`my-client/1.2` -> my-client) when none is known, empty for empty. */
export function userAgentFamily(userAgent: string): string {
  if (userAgent === '') return '';
  const text = userAgent.slice(0, 512);
  for (const [pattern, family] of FAMILIES) {
    if (pattern.test(text)) return family;
  }
  const product = /^[A-Za-z][\w.+-]{0,39}/.exec(text)?.[0];
  return product === undefined || product === 'Mozilla' ? 'other' : product;
}
