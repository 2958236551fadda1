//go:build !linux

package storetest

import "syscall"

// attributes has nothing to set where a child process can't be tied to its parent.
func attributes(string) (*syscall.SysProcAttr, error) { return &syscall.SysProcAttr{}, nil }
