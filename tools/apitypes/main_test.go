package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The types are those of the interface as it is described today.
func TestTypesAreUpToDate(t *testing.T) {
	_, hash, err := description()
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join("../..", target))
	if err != nil {
		t.Fatal(err)
	}
	if want := firstLine(hash); !bytes.HasPrefix(have, want) {
		line, _, _ := bytes.Cut(have, []byte("\n"))
		t.Errorf("%s was written from another description; run make gen\nhave %s\nwant %s", target, line, want)
	}
}
