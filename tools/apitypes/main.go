// Command apitypes writes the web interface's types from the description of the platform's HTTP interface:
// ui/src/api/schema.d.ts. It needs no running server. Where nothing has changed it needs no Node either. It must never
// be imported. Run it with make gen.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"tenon/server/openapi"
)

//go:generate go run . ../..

const (
	target = "ui/src/api/schema.d.ts"
	folder = "tools/apitypes" // where the generator's own packages are
	// mark begins the file's first line, which ends with the hash of the description that it was written from.
	mark = "// Written by make gen from the description of the interface with the hash "
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := write(root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// description is the platform's part of the interface in English, as every build of it says.
func description() (text []byte, hash string, err error) {
	if text, err = openapi.Document(openapi.Options{Server: "/", Lang: "en-US"}); err != nil {
		return nil, "", fmt.Errorf("describe the interface: %w", err)
	}
	sum := sha256.Sum256(text)
	return text, hex.EncodeToString(sum[:]), nil
}

// firstLine is what the file must begin with to be up to date.
func firstLine(hash string) []byte { return []byte(mark + hash + "\n") }

func write(root string) error {
	text, hash, err := description()
	if err != nil {
		return err
	}
	out := filepath.Join(root, target)
	if old, err := os.ReadFile(out); err == nil && bytes.HasPrefix(old, firstLine(hash)) { //nolint:gosec // a file of the repository
		return nil
	}
	tools := filepath.Join(root, folder)
	if _, err := os.Stat(filepath.Join(tools, "node_modules")); err != nil { //nolint:gosec // a folder of the repository
		if err := run(tools, nil, "npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"); err != nil {
			return err
		}
	}
	types, err := output(tools, text, "npx", "--no-install", "openapi-typescript")
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, append(firstLine(hash), types...), 0o644); err != nil { //nolint:gosec // source code is for everybody
		return fmt.Errorf("write the types: %w", err)
	}
	return nil
}

func run(dir string, in []byte, name string, args ...string) error {
	_, err := output(dir, in, name, args...)
	return err
}

// output gives what a command writes; what it complains about is shown.
func output(dir string, in []byte, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...) //nolint:gosec // only what is named above
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}
