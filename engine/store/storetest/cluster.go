package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"tenon/engine/store"
)

const (
	clusterUser    = "tenon"
	clusterPort    = "5432" // of the socket's name; nothing listens on the network
	startPatience  = 60 * time.Second
	startInterval  = 50 * time.Millisecond
	stopPatience   = 20 * time.Second
	databasePrefix = "tenon_test_"
)

// errNoPostgres says that there is no PostgreSQL to test with.
var errNoPostgres = errors.New("no PostgreSQL found: set TENON_TEST_DATABASE_URL to a server where databases may be created, put initdb and postgres into PATH, or set TENON_TEST_SQLITE_ONLY=1 to test SQLite alone")

// server is the PostgreSQL of this test process: started on first use, or somebody else's by its address.
type server struct {
	admin    string // address of a database to run CREATE DATABASE from
	template string
	dir      string
	process  *os.Process
	ended    chan struct{}
	log      bytes.Buffer
}

var (
	shared     *server
	errShared  error
	sharedOnce sync.Once
	databases  atomic.Int64
)

// postgres returns the process's server with its template database ready.
func postgres(ctx context.Context) (*server, error) {
	sharedOnce.Do(func() {
		shared, errShared = newServer(ctx)
		if errShared == nil {
			errShared = shared.prepareTemplate(ctx)
		}
	})
	return shared, errShared
}

func newServer(ctx context.Context) (*server, error) {
	if address := os.Getenv("TENON_TEST_DATABASE_URL"); address != "" {
		return &server{admin: address}, nil
	}
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tenon-pg-")
	if err != nil {
		return nil, fmt.Errorf("make cluster folder: %w", err)
	}
	s := &server{dir: dir, ended: make(chan struct{})}
	s.admin = s.address("postgres")
	if err := s.start(ctx, bin); err != nil {
		return s, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) address(database string) string {
	if s.dir == "" {
		u, err := url.Parse(s.admin)
		if err != nil {
			return s.admin
		}
		u.Path = "/" + database
		return u.String()
	}
	q := url.Values{"host": {s.dir}, "port": {clusterPort}, "sslmode": {"disable"}}
	return "postgres://" + clusterUser + "@/" + database + "?" + q.Encode()
}

// binaries finds the folder of initdb and postgres, the newest where there are several.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(target), "postgres")); err == nil {
				return filepath.Dir(target), nil
			}
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errNoPostgres
	}
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(found[len(found)-1]), nil
}

func version(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// start makes a cluster that is not meant to survive: it syncs nothing, listens on a socket in its own folder
// and dies with this process.
func (s *server) start(ctx context.Context, bin string) error {
	attr, err := attributes(s.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", clusterUser, "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	initdb.SysProcAttr, initdb.Dir = attr, s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("run initdb: %w: %s", err, out)
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", s.dir, "-p", clusterPort, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200",
		"-c", "shared_buffers=64MB", "-c", "autovacuum=off", "-c", "logging_collector=off")
	cmd.SysProcAttr, cmd.Dir, cmd.Stdout, cmd.Stderr = attr, s.dir, &s.log, &s.log
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the server dies with the thread that started it, so that must live on
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended shows in its log
			close(s.ended)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	s.process = cmd.Process
	return s.await(ctx)
}

func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.admin)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.ended:
			return fmt.Errorf("postgres ended at once: %s", s.log.String())
		case <-ctx.Done():
			return fmt.Errorf("wait for postgres: %w", err)
		case <-time.After(startInterval):
		}
	}
}

// stop ends a server that this process started and removes its folder.
func (s *server) stop() error {
	if s.dir == "" {
		return s.run(context.Background(), "DROP DATABASE IF EXISTS "+s.template)
	}
	if s.process != nil {
		if err := s.process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop postgres: %w", err)
		}
		select {
		case <-s.ended:
		case <-time.After(stopPatience):
			if err := s.process.Kill(); err != nil {
				return fmt.Errorf("kill postgres: %w", err)
			}
			<-s.ended
		}
	}
	return os.RemoveAll(s.dir)
}

// run executes statements on the server's own database.
func (s *server) run(ctx context.Context, statements ...string) (err error) {
	conn, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		return fmt.Errorf("connect to postgres: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, query := range statements {
		if _, err := conn.Exec(ctx, query); err != nil {
			return fmt.Errorf("run %.40s: %w", query, err)
		}
	}
	return nil
}

// prepareTemplate makes a database with the platform's tables, of which every test gets a copy.
func (s *server) prepareTemplate(ctx context.Context) (err error) {
	s.template = fmt.Sprintf("%stpl_%d", databasePrefix, os.Getpid())
	if err := s.run(ctx, "DROP DATABASE IF EXISTS "+s.template, "CREATE DATABASE "+s.template); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tenon-tpl-")
	if err != nil {
		return fmt.Errorf("make template folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	st, err := store.Open(ctx, store.Config{URL: s.address(s.template), Dir: dir, Now: time.Now}) //nolint:forbidigo // tests run by the real clock
	if err != nil {
		return err
	}
	if err := st.Close(); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, s.address(s.template))
	if err != nil {
		return fmt.Errorf("connect to template: %w", err)
	}
	_, err = conn.Exec(ctx, "DELETE FROM workspace") // each copy is a workspace of its own
	return errors.Join(err, conn.Close(ctx))
}

// newDatabase copies the template and returns the copy's address and what removes it.
func (s *server) newDatabase(ctx context.Context) (address string, drop func() error, err error) {
	name := fmt.Sprintf("%s%d_%d", databasePrefix, os.Getpid(), databases.Add(1))
	if err := s.run(ctx, "CREATE DATABASE "+name+" TEMPLATE "+s.template); err != nil {
		return "", nil, err
	}
	return s.address(name), func() error {
		return s.run(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}, nil
}
