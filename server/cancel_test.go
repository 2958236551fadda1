package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"tenon/metamodel/diag"
)

func pipeTCP(t *testing.T) (server, client net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	client, err = net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(); _ = client.Close() })
	return server, client
}

func TestWatchedEndsWithThePeer(t *testing.T) {
	server, client := pipeTCP(t)
	ctx, stop := watched(t.Context(), server, time.Minute)
	defer stop()
	if peerGone(server) {
		t.Fatal("gone while open")
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Error(ctx.Err())
	}
}

// Looking at a connection takes no bytes of the next request.
func TestPeerGoneTakesNothing(t *testing.T) {
	server, client := pipeTCP(t)
	if _, err := client.Write([]byte("next")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4)
	for range 3 {
		if peerGone(server) {
			t.Fatal("gone")
		}
	}
	if n, err := server.Read(buf); err != nil || string(buf[:n]) != "next" {
		t.Errorf("read %q %v", buf[:n], err)
	}
}

func TestWatchedEndsAtTheLimit(t *testing.T) {
	server, _ := pipeTCP(t)
	ctx, stop := watched(t.Context(), server, time.Millisecond)
	defer stop()
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Error(ctx.Err())
	}
}

func TestLevelOf(t *testing.T) {
	for _, c := range []struct {
		status int
		code   diag.Code
		want   slog.Level
	}{
		{200, "", slog.LevelInfo},
		{404, "record.not_found", slog.LevelInfo},
		{503, "request.cancelled", slog.LevelInfo}, // the browser has given up
		{503, "request.busy", slog.LevelWarn},
		{500, "internal", slog.LevelError},
	} {
		if got := levelOf(c.status, c.code); got != c.want {
			t.Errorf("%d %s: %s, want %s", c.status, c.code, got, c.want)
		}
	}
}
