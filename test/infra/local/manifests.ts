/** The least that is a route: a namespace, a class, a Gateway named `net`, a Service and an HTTPRoute to it. */
export const fine = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: amazon-vpc-lattice }
spec: { controllerName: application-networking.k8s.aws/gateway-api-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: net, namespace: shop }
spec:
  gatewayClassName: amazon-vpc-lattice
  listeners: [{ name: http, protocol: HTTP, port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: fine, namespace: shop }
spec:
  parentRefs: [{ name: net }]
  rules: [{ backendRefs: [{ name: web, port: 80 }] }]
`;
