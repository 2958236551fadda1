// Package check judges an app as a whole: what the documents say one by one is well-formed, but does it hold
// together? A draft may be saved with what it finds; a release may not. It must never change an app nor read
// anything but the app.
package check
