//go:build !unix

package server

import "net"

// peerGone can't be answered here; the request's deadline bounds its work.
func peerGone(net.Conn) bool { return false }
