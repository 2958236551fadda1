package server

import (
	"os"
	"strings"
	"testing"
)

func TestReadOnlyMapping(t *testing.T) {
	const program = "/opt/a folder/tenon"
	for _, c := range []struct {
		line string
		ok   bool
	}{
		{"00400000-00500000 r-xp 00000000 fe:00 7 /opt/a folder/tenon", true},
		{"00500000-00600000 r--p 00100000 fe:00 7 /opt/a folder/tenon", true},
		{"00600000-00700000 rw-p 00200000 fe:00 7 /opt/a folder/tenon", false}, // holds what was written
		{"00400000-00500000 r-xp 00000000 fe:00 7 /usr/lib/libc.so.6", false},
		{"7f0000000000-7f0000001000 r--p 00000000 00:00 0", false},
		{"00500000-00400000 r-xp 00000000 fe:00 7 /opt/a folder/tenon", false},
		{"", false},
	} {
		from, size, ok := readOnlyMapping(c.line, program)
		if ok != c.ok || ok && (from < 0x400000 || size != 0x100000) {
			t.Errorf("%q: %x %x %v", c.line, from, size, ok)
		}
	}
}

// What is forgotten comes back by itself: the program goes on, and its own constants are what they were.
func TestForgetProgram(t *testing.T) {
	const word = "一段只读的文字, long enough to lie in the program's own file"
	held := strings.Split(word, " ")
	if err := forgetProgram(); err != nil {
		t.Fatal(err)
	}
	if strings.Join(held, " ") != word {
		t.Error("the program's constants have changed")
	}
	if _, err := os.ReadFile("/proc/self/status"); err != nil {
		t.Error(err)
	}
}
