package server

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// clientIP is the address of whoever asks. X-Forwarded-For counts only when the connection comes from a trusted
// proxy, and then its rightmost entry that is not such a proxy itself: what stands left of it anybody can write.
func clientIP(c *fiber.Ctx, trusted []netip.Prefix) netip.Addr {
	remote := remoteIP(c)
	if !isTrusted(remote, trusted) {
		return remote
	}
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for _, hop := range slices.Backward(hops) {
		a, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return remote
		}
		if a = a.Unmap().WithZone(""); !isTrusted(a, trusted) {
			return a
		}
	}
	return remote
}

// remoteIP is the address at the other end of the connection.
func remoteIP(c *fiber.Ctx) netip.Addr {
	if tcp, ok := c.Context().RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

func isTrusted(a netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
}

// forwarded are headers that say a proxy stands between.
var forwarded = []string{fiber.HeaderXForwardedFor, fiber.HeaderForwarded, fiber.HeaderVia, "X-Real-Ip", fiber.HeaderXForwardedHost}

// isLocal tells whether a request was made on this machine itself and not handed on by a proxy on it.
func isLocal(c *fiber.Ctx) bool {
	return remoteIP(c).IsLoopback() && !slices.ContainsFunc(forwarded, func(h string) bool { return c.Get(h) != "" })
}
