// Package ui holds the built web interface, so that one binary serves everything. dist/placeholder.html stands
// in where the interface has not been built.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the built interface, index.html at its root. built is false when there is only the placeholder.
func Files() (files fs.FS, built bool) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder is embedded
	}
	_, err = fs.Stat(files, "index.html")
	return files, err == nil
}
