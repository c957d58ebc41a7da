/** Hostnames that random routes and requests have in common. */
export const exactHosts = ["shop.example.com", "pay.example.com", "a.shop.example.com", "example.org"];
