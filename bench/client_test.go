package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"testing"
	"time"
)

// connection is a client that costs next to nothing, since it shares the machine with the servers: it sends ready-made
// requests over one kept connection and reads the answers' status and length only.
type connection struct {
	conn net.Conn
	r    *bufio.Reader
	head []byte // headers that all requests have
	out  []byte
}

func dial(t testing.TB, addr, token string) *connection {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return &connection{
		conn: conn, r: bufio.NewReaderSize(conn, 64<<10),
		head: []byte(" HTTP/1.1\r\nHost: " + addr + "\r\nAuthorization: Bearer " + token + "\r\nAccept-Language: en-US\r\n"),
	}
}

// ask sends a request and returns the status; the body goes to sink when there is one.
func (c *connection) ask(q *request, sink io.Writer) (int, error) {
	c.out = append(append(append(append(c.out[:0], q.method...), ' '), q.path...), c.head...)
	if q.body != nil {
		c.out = append(c.out, "Content-Type: application/json\r\nContent-Length: "...)
		c.out = append(strconv.AppendInt(c.out, int64(len(q.body)), 10), "\r\n"...)
	}
	c.out = append(append(c.out, "\r\n"...), q.body...)
	if err := c.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return 0, err
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return 0, err
	}
	return c.read(sink)
}

var contentLength = []byte("content-length:")

func (c *connection) read(sink io.Writer) (status int, err error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("status line %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("status line: %w", err)
	}
	length := -1
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if len(line) > len(contentLength) && bytes.EqualFold(line[:len(contentLength)], contentLength) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):]))); err != nil {
				return 0, fmt.Errorf("content length: %w", err)
			}
		}
	}
	if length < 0 {
		return 0, fmt.Errorf("status %d without a length", status)
	}
	if sink == nil {
		_, err = c.r.Discard(length)
	} else {
		_, err = io.CopyN(sink, c.r, int64(length))
	}
	return status, err
}

// request is what is asked of a server.
type request struct {
	method, path string
	body         []byte
	want         int
}

// text asks and returns the body; anything but the wanted status ends the test.
func (c *connection) text(t testing.TB, q request) []byte {
	t.Helper()
	var b bytes.Buffer
	status, err := c.ask(&q, &b)
	if err != nil || status != q.want {
		t.Fatalf("%s %s: status %d, want %d (%v): %.600s", q.method, q.path, status, q.want, err, b.Bytes())
	}
	return b.Bytes()
}
