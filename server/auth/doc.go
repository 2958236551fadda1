// Package auth says who acts in a request: it sets the workspace up, signs people in and out, keeps their
// sessions, API tokens, passwords, departments and roles, and turns credentials into a policy.Actor. Secrets are
// random, shown once and kept as hashes. It must never know the HTTP framework: plain values come in, plain values
// go out.
package auth
