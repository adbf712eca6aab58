package modelstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is a PostgreSQL of this test process alone, unless
// LOCUM_TEST_DATABASE_URL names one to use: its user must be allowed to create
// databases and roles.
type server struct {
	once   sync.Once
	admin  string // address of the maintenance database
	why    string // why there is none
	folder string
	cmd    *exec.Cmd
	mu     sync.Mutex
	made   int
	first  bool // the template database is there
}

var shared server

// Main runs the tests of a package, and ends the PostgreSQL that they started,
// and whatever else they say.
func Main(m *testing.M, ends ...func()) {
	code := m.Run()
	shared.stop()
	for _, end := range ends {
		end()
	}
	os.Exit(code)
}

func (s *server) start() {
	if s.admin = os.Getenv("LOCUM_TEST_DATABASE_URL"); s.admin != "" {
		return
	}
	bin, found := binaries()
	if !found {
		s.why = "PostgreSQL is not installed (no initdb in /usr/lib/postgresql or the PATH)"
		return
	}
	if err := s.launch(bin); err != nil {
		s.why = "PostgreSQL could not be started: " + err.Error()
	}
}

// binaries finds the folder of the newest PostgreSQL of this machine.
func binaries() (string, bool) {
	newest, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(newest) > 0 {
		return filepath.Dir(newest[len(newest)-1]), true
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), true
	}
	return "", false
}

func (s *server) launch(bin string) error {
	var err error
	if s.folder, err = os.MkdirTemp("", "locum-postgres-"); err != nil {
		return err
	}
	as, err := owner(s.folder)
	if err != nil {
		return err
	}
	data := filepath.Join(s.folder, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
	initdb.SysProcAttr, initdb.Dir = as, s.folder
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", s.folder, "-p", strconv.Itoa(port), "-h", "127.0.0.1",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "log_min_messages=fatal")
	s.cmd.SysProcAttr, s.cmd.Dir = as, s.folder
	if err := s.cmd.Start(); err != nil {
		return err
	}
	if err := s.prepare(fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres", port)); err != nil {
		return err
	}
	s.admin = fmt.Sprintf("postgres://locum@127.0.0.1:%d/postgres", port)
	return nil
}

// prepare waits until the server answers, and makes the user of the tests: no
// superuser, since row-level security does not hold for one.
func (s *server) prepare(superuser string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := pgx.Connect(ctx, superuser)
		if err == nil {
			defer conn.Close(ctx)
			_, err := conn.Exec(ctx, `CREATE ROLE locum LOGIN CREATEDB CREATEROLE`)
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-retry.C:
		}
	}
}

// owner gives the folder to a user that PostgreSQL runs as: it refuses root.
func owner(folder string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(folder, uid, gid)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (s *server) stop() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	s.cmd.Process.Signal(syscall.SIGQUIT) // at once: the data is thrown away
	s.cmd.Wait()
	os.RemoveAll(s.folder)
}
