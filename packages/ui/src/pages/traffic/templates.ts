/** What a new resource begins as, by kind. */
export const TEMPLATES: Readonly<Record<string, string>> = {
  VirtualService: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: my-routes
spec:
  hosts:
    - my-service
  http:
    - name: split
      route:
        - destination:
            host: my-service
            subset: v1
          weight: 90
        - destination:
            host: my-service
            subset: v2
          weight: 10
`,
  DestinationRule: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: my-service
spec:
  host: my-service
  subsets:
    - name: v1
      labels:
        version: v1
    - name: v2
      labels:
        version: v2
`,
  Gateway: `apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: my-gateway
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 80
        name: http
        protocol: HTTP
      hosts:
        - www.example.com
`,
  ServiceEntry: `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: outside
spec:
  hosts:
    - api.example.com
  location: MESH_EXTERNAL
  ports:
    - number: 443
      name: https
      protocol: TLS
  resolution: DNS
`,
};
