"""What browsers stopped on our pages because the content security policy says so, told by them at /csp-report/."""
