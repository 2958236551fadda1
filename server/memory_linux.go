package server

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// forgetProgram lets the system take back the pages of the program's own file that are in memory: most are of code that
// only starting needs (tables of parsers, of encodings, of the garbage collector). What is needed again is read again,
// from the system's file cache as a rule. Only mappings that can't be written are given back: they equal the file.
func forgetProgram() error {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return err
	}
	defer func() { _ = maps.Close() }()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		from, size, ok := readOnlyMapping(lines.Text(), program)
		if !ok {
			continue
		}
		if _, _, no := unix.Syscall(unix.SYS_MADVISE, from, size, unix.MADV_DONTNEED); no != 0 {
			return no
		}
	}
	return nil
}

// readOnlyMapping reads a line of /proc/self/maps ("from-to perms offset device inode path"). It is not ok when the
// mapping is of another file, or may be written.
func readOnlyMapping(line, program string) (from, size uintptr, ok bool) {
	f := strings.Fields(line)
	if len(f) < 6 || strings.Join(f[5:], " ") != program || len(f[1]) != 4 || f[1][1] != '-' {
		return 0, 0, false
	}
	a, b, _ := strings.Cut(f[0], "-")
	lo, err := strconv.ParseUint(a, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	hi, err := strconv.ParseUint(b, 16, 64)
	if err != nil || hi <= lo {
		return 0, 0, false
	}
	return uintptr(lo), uintptr(hi - lo), true
}
