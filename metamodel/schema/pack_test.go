package schema

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

type packed struct {
	name string
	body string
	mode fs.FileMode
}

func archive(t testing.TB, files ...packed) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if f.mode != 0 {
			h.SetMode(f.mode)
		}
		out, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write([]byte(f.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestZipRoundTrip(t *testing.T) {
	files := Encode(decodeShop(t))
	body, err := WriteZip(files)
	if err != nil {
		t.Fatal(err)
	}
	again, err := WriteZip(files)
	if err != nil || !bytes.Equal(body, again) {
		t.Error("the same app gives other bytes")
	}
	got, list := ReadZip(body)
	if len(list) > 0 {
		t.Fatal(list)
	}
	sameFiles(t, files, got)
}

func TestReadZipInAFolder(t *testing.T) {
	got, list := ReadZip(archive(t, packed{name: "shop/", mode: fs.ModeDir | 0o755}, packed{name: "shop/entities/", mode: fs.ModeDir | 0o755},
		packed{name: "shop/app.json", body: "{}"}, packed{name: "shop/entities/item.json", body: "{}"}))
	if len(list) > 0 || len(got) != 2 || got["entities/item.json"] == nil {
		t.Errorf("got %v, %v", got, list)
	}
}

func TestReadZipRefuses(t *testing.T) {
	big := strings.Repeat(" ", metamodel.MaxDocumentBytes+1)
	many := make([]packed, metamodel.MaxDocuments+1)
	for i := range many {
		many[i].name = fmt.Sprintf("entities/e%d.json", i)
	}
	tests := []struct {
		name    string
		archive []byte
		want    diag.Code
	}{
		{"not a zip", []byte("PK nothing"), "pack.unreadable"},
		{"empty", nil, "pack.unreadable"},
		{"parent path", archive(t, packed{name: "app.json"}, packed{name: "../entities/item.json"}), "pack.entry_unsafe"},
		{"parent path inside", archive(t, packed{name: "app.json"}, packed{name: "entities/../../item.json"}), "pack.entry_unsafe"},
		{"absolute path", archive(t, packed{name: "app.json"}, packed{name: "/entities/item.json"}), "pack.entry_unsafe"},
		{"backslashes", archive(t, packed{name: "app.json"}, packed{name: `entities\item.json`}), "pack.entry_unsafe"},
		{"drive", archive(t, packed{name: "app.json"}, packed{name: `C:/item.json`}), "pack.entry_unsafe"},
		{"link", archive(t, packed{name: "app.json"}, packed{name: "entities/item.json", body: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), "pack.entry_unsafe"},
		{"nested archive", archive(t, packed{name: "app.json"}, packed{name: "entities/more.zip", body: "PK"}), "pack.entry_unsafe"},
		{"another file", archive(t, packed{name: "app.json"}, packed{name: "README.md"}), "pack.entry_unsafe"},
		{"another folder", archive(t, packed{name: "app.json"}, packed{name: "workflows/x.json"}), "pack.entry_unsafe"},
		{"deeper", archive(t, packed{name: "app.json"}, packed{name: "entities/a/b.json"}), "pack.entry_unsafe"},
		{"name of a file", archive(t, packed{name: "app.json"}, packed{name: "entities/名称.json"}), "pack.entry_unsafe"},
		{"twice", archive(t, packed{name: "app.json"}, packed{name: "app.json"}), "pack.entry_duplicate"},
		{"too many", archive(t, many...), "limit.exceeded"},
		{"a file too large", archive(t, packed{name: "app.json", body: big}), "limit.exceeded"},
		{"packed suspiciously well", archive(t, packed{name: "app.json", body: big[:metamodel.MaxDocumentBytes]}), "pack.ratio"},
		{"too large", make([]byte, MaxArchive+1), "limit.exceeded"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files, list := ReadZip(tt.archive)
			if files != nil || len(list) == 0 || list[0].Code != tt.want {
				t.Errorf("want %s, got %d files, %v", tt.want, len(files), list)
			}
		})
	}
}
