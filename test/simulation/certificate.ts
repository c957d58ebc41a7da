/** The `tls` of a listener that names a certificate, which nobody looks at. */
export const certificate = {
  options: {
    "application-networking.k8s.aws/certificate-arn":
      "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b",
  },
};
