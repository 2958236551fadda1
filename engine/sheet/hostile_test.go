package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"tenon/metamodel/diag"
)

const memoryBound = 256 << 20

// peakOf runs fn and returns the largest heap seen meanwhile, above the heap before.
func peakOf(fn func()) uint64 {
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			peak.Store(max(peak.Load(), now.HeapAlloc))
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	fn()
	close(stop)
	<-done
	return peak.Load() - min(peak.Load(), before.HeapAlloc)
}

// zeros is an endless part that compresses well.
type zeros struct{ pattern string }

func (z zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = z.pattern[i%len(z.pattern)]
	}
	return len(p), nil
}

// zipOf makes a zip of one large part beside the usual ones.
func zipOf(t *testing.T, name, head string, body io.Reader, size int64) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for part, content := range bookOf("<row/>") {
		if part == name {
			continue
		}
		w, err := z.Create(part)
		if err == nil {
			_, err = io.WriteString(w, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w, err := z.Create(name)
	if err == nil {
		_, err = io.WriteString(w, head)
	}
	if err == nil {
		_, err = io.CopyN(w, body, size)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Bombs that say what they are get refused by what they say; all others by what they do. None takes much
// memory.
func TestBombs(t *testing.T) {
	lie := func(data []byte, size uint32) []byte {
		// The sizes stand in the central directory, 24 bytes into each entry's header; the bomb is the last.
		at := bytes.LastIndex(data, []byte("PK\x01\x02"))
		binary.LittleEndian.PutUint32(data[at+24:], size)
		return data
	}
	sheet, shared := "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
	cases := []struct {
		name string
		data []byte
		want diag.Code
	}{
		{"ratio", zipOf(t, sheet, "", zeros{" "}, 100<<20), "import.bad_zip"},
		{"unzipped size", lie(zipOf(t, sheet, "", zeros{"<row/>"}, 1<<20), MaxUnzippedBytes), "import.too_large"},
		{"longer than declared", lie(zipOf(t, sheet, "<worksheet><sheetData>", zeros{"<row/>"}, 20<<20), 1000), "import.bad_zip"},
		{"shared text", bookOf("<row/>").with(shared, "<sst>"+sharedBomb()+"</sst>").zip(t), "import.too_large"},
		{"one endless shared text", zipOf(t, shared, "<sst><si><t>", zeros{"abcdefghij \n"}, 900<<10), "import.bad_sheet"},
		{"endless comment", bookOf("<row/><!--" + noise(2<<20) + "--><row><c><v>1</v></c></row>").zip(t), ""},
		{"many sheets", manySheets().zip(t), "import.too_large"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			var err error
			peak := peakOf(func() { _, err = readAll(tc.data) })
			if codeOf(err) != tc.want {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if peak > memoryBound {
				t.Errorf("took %d MB", peak>>20)
			}
		})
	}
}

// noise is text that doesn't compress to nothing.
func noise(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = 'a' + byte(x>>24)%26
	}
	return string(b)
}

func sharedBomb() string {
	var b bytes.Buffer
	line := noise(1 << 20)
	for i := 0; b.Len() < maxStringBytes+(2<<20); i++ {
		fmt.Fprintf(&b, "<si><t>%d%s</t></si>", i, repeat(line[i%300*3000:][:3000], 10))
	}
	return b.String()
}

func manySheets() parts {
	var sheets, links bytes.Buffer
	p := bookOf("<row/>")
	for i := range MaxSheets + 1 {
		fmt.Fprintf(&sheets, `<sheet name="s%d" r:id="x"/>`, i)
	}
	links.WriteString(`<Relationships><Relationship Id="x" Type="/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`)
	return p.with("xl/workbook.xml", `<workbook><sheets>`+sheets.String()+`</sheets></workbook>`).with("xl/_rels/workbook.xml.rels", links.String())
}

// A large book of allowed size stays within the memory bound from open to the last row.
func TestMemoryOfLargeBook(t *testing.T) {
	var shared, rows bytes.Buffer
	text := noise(1 << 20)
	const n = 100_000
	for i := range n * 4 {
		fmt.Fprintf(&shared, "<si><t>%s</t></si>", text[i%50_000*20:][:60+i%80])
	}
	for i := range n {
		fmt.Fprintf(&rows, `<row r="%d">`, i+1)
		for c := range 8 {
			fmt.Fprintf(&rows, `<c t="s"><v>%d</v></c>`, (i*4+c*7919)%(n*4))
		}
		rows.WriteString("</row>")
	}
	data := bookOf(rows.String()).with("xl/sharedStrings.xml", "<sst>"+shared.String()+"</sst>").zip(t)
	rows.Reset()
	shared.Reset()
	count := 0
	peak := peakOf(func() {
		b, err := openBytes("x", data)
		if err != nil {
			t.Error(err)
			return
		}
		r, err := b.Rows("")
		if err != nil {
			t.Error(err)
			return
		}
		for r.Next() {
			count++
		}
		if r.Err() != nil {
			t.Error(r.Err())
		}
	})
	if count != n || peak > memoryBound {
		t.Errorf("read %d rows, took %d MB", count, peak>>20)
	}
}

func TestBadArchives(t *testing.T) {
	entry := func(h *zip.FileHeader) []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte("x"))
		}
		if err == nil {
			err = z.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	link := &zip.FileHeader{Name: "xl/workbook.xml"}
	link.SetMode(fs.ModeSymlink | 0o777)
	locked := entry(&zip.FileHeader{Name: "a.xml"})
	at := bytes.Index(locked, []byte("PK\x01\x02"))
	locked[at+8] |= 1
	good := bookOf(`<row><c><v>1</v></c></row>`).zip(t)
	cases := []struct {
		name string
		data []byte
		want diag.Code
	}{
		{"parent path", entry(&zip.FileHeader{Name: "../evil.xml"}), "import.bad_zip"},
		{"parent path inside", entry(&zip.FileHeader{Name: "xl/../../evil.xml"}), "import.bad_zip"},
		{"absolute path", entry(&zip.FileHeader{Name: "/etc/evil.xml"}), "import.bad_zip"},
		{"backslash path", entry(&zip.FileHeader{Name: `..\evil.xml`}), "import.bad_zip"},
		{"drive path", entry(&zip.FileHeader{Name: "C:/evil.xml"}), "import.bad_zip"},
		{"link", entry(link), "import.bad_zip"},
		{"archive inside", bookOf("<row/>").with("xl/embeddings/b.xlsx", "x").zip(t), "import.bad_zip"},
		{"entry twice", bookOf("<row/>").with("XL/Workbook.xml", "x").zip(t), "import.bad_zip"},
		{"password on the zip", locked, "import.encrypted"},
		{"cut short", good[:len(good)-10], "import.bad_zip"},
		{"only a magic", []byte("PK\x03\x04aaaa"), "import.bad_zip"},
		{"too many entries", manyEntries(t, MaxEntries+1), "import.too_large"},
		{"directory over its bound", manyEntries(t, 60_000), "import.too_large"},
		{"other office file", parts{"_rels/.rels": relsRoot, "xl/workbook.xml": "<document/>"}.zip(t), "import.file_type"},
		{"plain zip", parts{"a.txt": "x"}.zip(t), "import.file_type"},
		{"no sheets", bookOf("").with("xl/workbook.xml", "<workbook/>").zip(t), "import.empty"},
		{"part in UTF-16", bookOf("<row/>").with("xl/workbook.xml", "\xFF\xFE<\x00").zip(t), "import.bad_sheet"},
		{"part declares GBK", bookOf("<row/>").with("xl/workbook.xml", `<?xml version="1.0" encoding="GBK"?><workbook/>`).zip(t), "import.bad_sheet"},
		{"document type in shared texts", bookOf("<row/>").with("xl/sharedStrings.xml", `<!DOCTYPE x SYSTEM "file:///etc/passwd"><sst/>`).zip(t), "import.bad_sheet"},
	}
	for _, tc := range cases {
		if _, err := readAll(tc.data); codeOf(err) != tc.want {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
}

func manyEntries(t *testing.T, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range n {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("some/rather/long/path/of/a/part/%d.xml", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Every damaged byte and every cut of a good file gives rows or a problem, never a panic or an unknown error.
func TestDamage(t *testing.T) {
	good := bookOf(`<row r="1"><c r="A1" s="1" t="s"><v>0</v></c><c><v>1.5</v></c></row>`).
		with("xl/styles.xml", testStyles).with("xl/sharedStrings.xml", "<sst><si><t>a</t></si></sst>").zip(t)
	judge := func(data []byte, what string, i int) {
		if _, err := readAll(data); codeOf(err) == "?" {
			t.Errorf("%s at %d: %v", what, i, err)
		}
	}
	for i := 0; i < len(good); i++ {
		judge(good[:i], "cut", i)
		bad := bytes.Clone(good)
		bad[i] ^= 0x55
		judge(bad, "flip", i)
	}
}

func TestFileTypes(t *testing.T) {
	ole := append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 600)...)
	locked := append(bytes.Clone(ole), make([]byte, 64<<10-620)...)
	locked = append(locked, "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"...)
	cases := []struct {
		name string
		data []byte
		want diag.Code
	}{
		{"nothing", nil, "import.empty"},
		{"blank", []byte(" \r\n\r\n"), "import.empty"},
		{"only a mark", []byte(utf8Mark), "import.empty"},
		{"old workbook", ole, "import.file_type"},
		{"password", locked, "import.encrypted"},
		{"pdf", []byte("%PDF-1.7 a,b"), "import.file_type"},
		{"html", []byte("<html><table>"), "import.file_type"},
		{"xml after a mark", []byte(utf8Mark + "<?xml"), "import.file_type"},
		{"picture", []byte("\x89PNG\r\n\x1a\n"), "import.file_type"},
		{"zeros", make([]byte, 100), "import.file_type"},
		{"text named xlsx", []byte("a,b\n1,2\n"), ""},
	}
	for _, tc := range cases {
		if _, err := readAll(tc.data); codeOf(err) != tc.want {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, list := Open("big.csv", bytes.NewReader(nil), MaxFileBytes+1); list.Err() == nil || list[0].Code != "import.too_large" {
		t.Errorf("a file over the limit: %v", list)
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

// A failure of the disk is not blamed on the file.
func TestReaderFailure(t *testing.T) {
	if _, list := Open("x", failing{}, 100); len(list) != 1 || list[0].Code != diag.Internal {
		t.Errorf("got %v", list)
	}
}
