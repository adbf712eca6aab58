package main

import (
	"bytes"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"locum/models/secret"
	"locum/models/store"
)

// TestRunSaysWhatIsWrong starts the program wrongly: it says which setting is
// wrong, why, and what a right one looks like, and ends.
func TestRunSaysWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "data") // not even the administrator can make it
	for name, c := range map[string]struct {
		environment map[string]string
		args        string
		code        int
		says        []string
	}{
		"a database of another kind":   {map[string]string{"LOCUM_DATABASE_URL": "mysql://localhost/locum"}, "serve", 1, []string{"LOCUM_DATABASE_URL", "mysql", "postgres://", "sqlite:"}},
		"a database that is not there": {map[string]string{"LOCUM_DATABASE_URL": "postgres://locum:secret-word@127.0.0.1:1/locum"}, "serve", 1, []string{"LOCUM_DATABASE_URL", "127.0.0.1:1", "postgres://"}},
		"a port that is taken":         {nil, "serve --listen " + taken.Addr().String(), 1, []string{taken.Addr().String(), "LOCUM_LISTEN", "another"}},
		"an address that is none":      {map[string]string{"LOCUM_LISTEN": "8080"}, "serve", 1, []string{"LOCUM_LISTEN", "8080", "localhost:8080"}},
		"a folder below a file":        {map[string]string{"LOCUM_DATA": below}, "serve", 1, []string{"LOCUM_DATA", below}},
		"a demo's folder below a file": {nil, "demo --listen localhost:0 --data " + below, 1, []string{"--data", below}},
		"a demo's port that is taken":  {nil, "demo --listen " + taken.Addr().String(), 1, []string{taken.Addr().String(), "--listen"}},
		"a demo for others":            {nil, "demo --listen 0.0.0.0:0", 1, []string{"--listen", "localhost:8080"}},
		"a public address of no web":   {map[string]string{"LOCUM_PUBLIC_URL": "ftp://access.company.example"}, "serve", 1, []string{"LOCUM_PUBLIC_URL", "ftp:", "https://access.company.example"}},
		"everybody without https":      {map[string]string{"LOCUM_LISTEN": "0.0.0.0:0"}, "serve", 1, []string{"LOCUM_PUBLIC_URL", "https://access.company.example"}},
		"a mail server without a port": {map[string]string{"LOCUM_SMTP_ADDRESS": "mail.company.example"}, "serve", 1, []string{"LOCUM_SMTP_ADDRESS", "mail.company.example:587"}},
		"a sender that is none":        {map[string]string{"LOCUM_MAIL_FROM": "Locum"}, "serve", 1, []string{"LOCUM_MAIL_FROM", "access@company.example"}},
		"a network that is none":       {map[string]string{"LOCUM_TRUSTED_PROXIES": "inside"}, "serve", 1, []string{"LOCUM_TRUSTED_PROXIES", "inside", "10.0.0.0/8"}},
		"an unknown log level":         {map[string]string{"LOCUM_LOG_LEVEL": "loud"}, "serve", 2, []string{"log-level", "debug", "loud"}},
		"an unknown command":           {nil, "server", 2, []string{"server", "locum --help"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LOCUM_DATA", t.TempDir())
			t.Setenv("LOCUM_LISTEN", "localhost:0")
			for key, value := range c.environment {
				t.Setenv(key, value)
			}
			code, said := ends(t, c.args)
			if code != c.code {
				t.Errorf("ends with %d instead of %d", code, c.code)
			}
			for _, word := range c.says {
				if !strings.Contains(said, word) {
					t.Errorf("does not say %q:\n%s", word, said)
				}
			}
			if strings.Contains(said, "secret-word") {
				t.Errorf("says the password:\n%s", said)
			}
		})
	}
}

// ends runs a command that is expected to give up by itself.
func ends(t *testing.T, args string) (code int, said string) {
	t.Helper()
	var complaints bytes.Buffer
	ended := make(chan int, 1)
	go func() { ended <- run(t.Context(), strings.Fields(args), &complaints) }()
	select {
	case code = <-ended:
	case <-time.After(30 * time.Second):
		t.Fatalf("locum %s goes on as if nothing were wrong", args)
	}
	return code, complaints.String()
}

// TestKeysAreNotMadeAnew: what a lost key file has sealed would be lost with a
// new one.
func TestKeysAreNotMadeAnew(t *testing.T) {
	data := t.TempDir()
	demo := serveDemoIn(t, data, "")
	demo.stop()
	if err := os.Remove(filepath.Join(data, "keys.json")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LOCUM_DATA", data)
	t.Setenv("LOCUM_LISTEN", "localhost:0")
	code, said := ends(t, "serve")
	if code != 1 {
		t.Errorf("ends with %d", code)
	}
	for _, word := range []string{"LOCUM_KEY_FILE", filepath.Join(data, "keys.json"), "backup"} {
		if !strings.Contains(said, word) {
			t.Errorf("does not say %q:\n%s", word, said)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "keys.json")); err == nil {
		t.Error("new keys were made for a database that was used")
	}
	if s, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + filepath.Join(data, "locum.db")}); err != nil {
		t.Errorf("the database was harmed: %v", err)
	} else {
		s.Close()
	}
}

// TestTheMasterKeyIsNotMadeAnew: with a new one every secret would be lost. What is
// missing, unreadable or another one is said, and what to do about it.
func TestTheMasterKeyIsNotMadeAnew(t *testing.T) {
	data := t.TempDir()
	files := keyFiles{}.in(database{Data: data})
	house, err := open(t.Context(), "sqlite:"+filepath.Join(data, "locum.db"), files, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	house.store.Close()
	right, err := os.ReadFile(files.MasterKey)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.json")
	if _, err := secret.CreateMaster(other); err != nil {
		t.Fatal(err)
	}
	wrong, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("LOCUM_DATA", data)
	t.Setenv("LOCUM_LISTEN", "localhost:0")
	for name, content := range map[string][]byte{"missing": nil, "no keyset": []byte(`{"primaryKeyId": 1}`), "another": wrong} {
		if err := os.Remove(files.MasterKey); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if content != nil {
			if err := os.WriteFile(files.MasterKey, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, command := range []string{"serve", "keys", "keys rotate"} {
			code, said := ends(t, command)
			if code != 1 || !strings.Contains(said, "LOCUM_MASTER_KEY") || !strings.Contains(said, files.MasterKey) || !strings.Contains(said, "backup") {
				t.Errorf("%s, %s: ends with %d:\n%s", name, command, code, said)
			}
		}
		if now, err := os.ReadFile(files.MasterKey); content == nil && err == nil || content != nil && !bytes.Equal(now, content) {
			t.Errorf("%s: the file was written", name)
		}
	}
	if err := os.WriteFile(files.MasterKey, right, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"keys", "keys rotate --prepare", "keys rotate --data-keys", "keys drop", "keys list"} {
		if code, said := ends(t, command); code != 0 {
			t.Errorf("%s ends with %d:\n%s", command, code, said)
		}
	}
}
