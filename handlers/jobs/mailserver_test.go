package jobs

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/mail"
	"strconv"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// mailServer is a mail server of the test. It can be stopped and started again
// on the same port, and told to refuse.
type mailServer struct {
	t       *testing.T
	port    int
	arrived chan *mail.Message

	mu       sync.Mutex
	listener net.Listener
	server   *smtp.Server
	onMail   error
	onRcpt   error
	onData   error
	hangUp   bool // right after taking a mail
}

func newMailServer(t *testing.T) *mailServer {
	s := &mailServer{t: t, arrived: make(chan *mail.Message, 16)}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *mailServer) start() {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)))
	if err != nil {
		s.t.Fatal(err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return session{s, c}, nil }))
	server.Domain = "mail.example"
	server.ErrorLog = log.New(io.Discard, "", 0)
	s.mu.Lock()
	s.server, s.listener = server, listener
	s.mu.Unlock()
	go server.Serve(listener)
}

func (s *mailServer) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		s.listener.Close() // the server may not know it yet
		s.server.Close()
		s.server = nil
	}
}

// refuse makes the server answer with an error at one of its three steps; all
// nil takes mail again.
func (s *mailServer) refuse(onMail, onRcpt, onData error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onMail, s.onRcpt, s.onData = onMail, onRcpt, onData
}

// config reaches the server.
func (s *mailServer) config() SMTPConfig {
	return SMTPConfig{Host: "127.0.0.1", Port: s.port, TLS: NoTLS, From: "Locum <access@locum.example>", MailHost: "hub.example"}
}

// sender is an SMTP that reaches the server.
func (s *mailServer) sender() *SMTP {
	s.t.Helper()
	sender, err := NewSMTP(s.config())
	if err != nil {
		s.t.Fatal(err)
	}
	return sender
}

// next is a mail that has arrived already.
func (s *mailServer) next() *mail.Message {
	s.t.Helper()
	select {
	case m := <-s.arrived:
		return m
	default:
		s.t.Fatal("no mail arrived")
		return nil
	}
}

// none checks that no mail has arrived.
func (s *mailServer) none() {
	s.t.Helper()
	select {
	case m := <-s.arrived:
		s.t.Fatalf("a mail arrived: %s", m.Header.Get("Subject"))
	default:
	}
}

type session struct {
	*mailServer
	conn *smtp.Conn
}

func (s session) step(failure *error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *failure
}

func (s session) Mail(string, *smtp.MailOptions) error { return s.step(&s.onMail) }
func (s session) Rcpt(string, *smtp.RcptOptions) error { return s.step(&s.onRcpt) }

func (s session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.step(&s.onData); err != nil {
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	s.arrived <- m
	return nil
}

// Reset comes after the answer to a mail.
func (s session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hangUp {
		s.conn.Conn().Close() // Conn.Close would wait for this
	}
}

func (session) Logout() error { return nil }

// answer is a mail server's answer.
func answer(code int, enhanced smtp.EnhancedCode, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}
