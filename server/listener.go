package server

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// lastAccept is how long a closing listener looks for connections that the machine has accepted already.
const lastAccept = 10 * time.Millisecond

// patient is a listener that, when it is closed, first takes the connections that wait in the machine's queue: their
// clients have been told that they are connected, and may have sent their request.
type patient struct {
	*net.TCPListener

	closing atomic.Bool
	once    sync.Once
	closed  chan struct{}
}

func newPatient(ln net.Listener) net.Listener {
	tcp, ok := ln.(*net.TCPListener)
	if !ok {
		return ln
	}
	return &patient{TCPListener: tcp, closed: make(chan struct{})}
}

// Accept takes the next connection. While closing it takes what is waiting and then ends.
func (p *patient) Accept() (net.Conn, error) {
	for {
		conn, err := p.TCPListener.Accept()
		if !p.closing.Load() {
			return conn, err
		}
		if err == nil {
			return conn, p.SetDeadline(time.Now().Add(lastAccept))
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && p.wake() {
			continue
		}
		return nil, errors.Join(net.ErrClosed, p.end())
	}
}

// wake is true once: the first deadline only interrupted the waiting, the next one says that nothing is left.
func (p *patient) wake() (first bool) {
	p.once.Do(func() { first = p.SetDeadline(time.Now().Add(lastAccept)) == nil })
	return first
}

func (p *patient) end() error {
	err := p.shut()
	close(p.closed)
	return err
}

// Close asks Accept to end and waits until it has.
func (p *patient) Close() error {
	if p.closing.CompareAndSwap(false, true) {
		_ = admitNobody(p.TCPListener) // not every machine can; then the last to connect may be cut off unheard
		if err := p.SetDeadline(time.Now()); err != nil {
			return err
		}
	}
	select {
	case <-p.closed:
	case <-time.After(time.Second): // nobody accepts any more
		return p.shut()
	}
	return nil
}

// shut closes the listener, whoever comes first.
func (p *patient) shut() error {
	if err := p.TCPListener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
