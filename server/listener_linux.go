package server

import (
	"net"

	"golang.org/x/sys/unix"
)

// admitNobody makes the machine ignore new connections to a listener, while those that it has accepted already can
// still be taken. Without it there is always one that is accepted between the last look and the close, and cut off.
func admitNobody(ln *net.TCPListener) error {
	raw, err := ln.SyscallConn()
	if err != nil {
		return err
	}
	drop := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K}
	program := unix.SockFprog{Len: 1, Filter: &drop}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program)
	})
	if err != nil {
		return err
	}
	return refused
}
