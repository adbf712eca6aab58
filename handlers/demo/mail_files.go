package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Mails are kept as .eml files that any mail program opens. What the envelope
// said stands in front, in the trace fields of RFC 5321 §4.4 and Delivered-To.

const receivedBy = "from sender by mailbox.example with SMTP; "

func messageFile(folder string, number uint64) string {
	return filepath.Join(folder, fmt.Sprintf("%08d.eml", number))
}

// writeMessage keeps one mail. Without a folder it does nothing.
func writeMessage(folder string, m Message) error {
	if folder == "" {
		return nil
	}
	var file bytes.Buffer
	fmt.Fprintf(&file, "Return-Path: <%s>\r\n", m.From)
	for _, to := range m.To {
		fmt.Fprintf(&file, "Delivered-To: %s\r\n", to)
	}
	fmt.Fprintf(&file, "Received: %s%s\r\n", receivedBy, m.Received.Format(time.RFC1123Z))
	file.Write(m.Raw)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(messageFile(folder, m.Number), file.Bytes(), 0o600)
}

// removeMessage drops one mail. A file that is gone already is no loss.
func removeMessage(folder string, number uint64) {
	if folder != "" {
		_ = os.Remove(messageFile(folder, number))
	}
}

// readMessages gives the mails of a folder, oldest first, the last ones where
// there are more than are kept. Files that are no mail of ours are left alone.
func readMessages(folder string) ([]Message, error) {
	if folder == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the kept mails: %w", err)
	}
	var messages []Message
	for _, entry := range entries {
		number, err := strconv.ParseUint(strings.TrimSuffix(entry.Name(), ".eml"), 10, 64)
		if err != nil || messageFile(folder, number) != filepath.Join(folder, entry.Name()) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("read a kept mail: %w", err)
		}
		messages = append(messages, keptMessage(number, content))
	}
	slices.SortFunc(messages, func(a, b Message) int { return int(a.Number) - int(b.Number) })
	return messages[max(0, len(messages)-keptMessages):], nil
}

// keptMessage takes the trace fields off again and parses the rest.
func keptMessage(number uint64, content []byte) Message {
	var from string
	var to []string
	var received time.Time
	for {
		line, rest, found := bytes.Cut(content, []byte("\r\n"))
		if !found {
			break
		}
		name, value, _ := strings.Cut(string(line), ": ")
		content = rest
		if name == "Return-Path" {
			from = strings.Trim(value, "<>")
		}
		if name == "Delivered-To" {
			to = append(to, value)
		}
		if name == "Received" { // the last of ours
			received, _ = mail.ParseDate(strings.TrimPrefix(value, receivedBy))
			break
		}
	}
	m := parseMessage(content)
	m.Number, m.From, m.To, m.Received = number, from, to, received
	return m
}
