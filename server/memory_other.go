//go:build !linux

package server

// forgetProgram does nothing: other systems judge by themselves what of a program they keep in memory.
func forgetProgram() error { return nil }
