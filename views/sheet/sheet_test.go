package sheet

import "testing"

func TestCellsAreNoFormulas(t *testing.T) {
	got, err := CSV([][]string{{"name", "role"}, {`=HYPERLINK("http://x")`, "Editor, first"}, {"+31", "@sum"}, {"-1", "\tx"}, {"|calc", ""}, {"a=b", "é"}, {"＝1+1", "＠x"}})
	want := "\uFEFFname,role\r\n\"'=HYPERLINK(\"\"http://x\"\")\",\"Editor, first\"\r\n'+31,'@sum\r\n'-1,'\tx\r\n'|calc,\r\na=b,é\r\n'＝1+1,'＠x\r\n"
	if err != nil || string(got) != want {
		t.Errorf("%q %v\nwant %q", got, err, want)
	}
}
