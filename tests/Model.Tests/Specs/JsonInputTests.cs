using System.Text;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Specs;

public class JsonInputTests
{
    private static readonly NumberRange<int> Range = new(1, 64, ExcludesMin: false, ExcludesMax: false, "a whole number from 1 to 64");
    private static readonly NumberRange<double> Share = new(0, 1, ExcludesMin: true, ExcludesMax: false, "a number above 0, at most 1");

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    public void Parse_EncodingsOfEditors_AreRead(string encoding, bool withMark)
    {
        var encoder = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. withMark ? encoder.GetPreamble() : [], .. encoder.GetBytes("""{ "name": "größe" /* a comment */, }""")];

        using var file = JsonInput.Parse(bytes, "a.json", problem => Assert.Fail(problem));

        Assert.Equal("größe", file!.Root.Text("name"));
    }

    [Theory]
    [InlineData("", "a.json is not JSON: it ends too early (line 1).")]
    [InlineData("{\n \"a\": \n", "a.json is not JSON: it ends too early (line 2).")]
    [InlineData("{\n a: 3 }", "a.json is not JSON at line 2, byte 2: 'a' is an invalid start of a property name.")]
    [InlineData("{} x", "a.json is not JSON at line 1, byte 4: 'x' is invalid after a single JSON value.")]
    [InlineData("""{ "a": "\ud800" }""", "a.json holds a text that is not Unicode; save it as UTF-8.")]
    [InlineData("""{ "\udfff": 1 }""", "a.json holds a text that is not Unicode; save it as UTF-8.")]
    public void Parse_NoJson_IsReported(string text, string expected)
    {
        var problems = new List<string>();

        Assert.Null(JsonInput.Parse(text, "a.json", problems.Add));
        Assert.StartsWith(expected, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OtherEncoding_IsReported()
    {
        var problems = new List<string>();

        Assert.Null(JsonInput.Parse(Encoding.Latin1.GetBytes("""{ "name": "größe" }"""), "a.json", problems.Add));
        Assert.Single(problems);
    }

    [Fact]
    public void Parts_LegalValues_AreRead()
    {
        const string json = """{ "n": 2e0, "s": 0.5, "b": true, "t": "x", "c": "red", "l": [ { "n": 3 } ] }""";
        using var file = JsonInput.Parse(json, null, problem => Assert.Fail(problem));
        JsonPart root = file!.Root;

        Assert.True(root.IsObject(["n", "s", "b", "t", "c", "l"]));
        Assert.Equal((2, 0.5, true), (root.WholeNumber("n", Range), root.Number("s", Share), root.Boolean("b")));
        Assert.Equal(("x", "red"), (root.Text("t"), root.Choice("c", ["red"])));
        Assert.Equal(3, Assert.Single(root.Items("l", 1, 1)).WholeNumber("n", Range));
        Assert.Equal((null, null, null), (root.WholeNumber("x", Range), root.Text("x"), root.Find("x")?.Key));
        Assert.Equal(["2e0", "0.5", "true", "x", "red", null], root.Properties.Select(property => property.Scalar));
    }

    [Fact]
    public void Parts_Mistakes_AreAllReportedWithTheirPlaces()
    {
        const string json = """
            {
              "n": 2.5, "s": 0, "b": 1, "t": null, "c": "rde", "d": 7, "l": [ { "n": 1e99 }, 7 ], "e": [],
              "b": 2, "nn": 1, "\u001b[2J": 1
            }
            """;
        var problems = new List<string>();
        using var file = JsonInput.Parse(json, "a.json", problems.Add);
        JsonPart root = file!.Root;

        Assert.True(root.IsObject(["n", "s", "b", "t", "c", "d", "l", "e"]));
        _ = root.WholeNumber("n", Range);
        _ = root.Number("s", Share);
        _ = root.Boolean("b");
        _ = root.Text("t");
        _ = root.Choice("c", ["red", "blue"]);
        _ = root.Choice("d", ["red", "blue"]);
        foreach (JsonPart item in root.Items("l", 1, 2).Where(item => item.IsObject("{ }")))
            _ = item.WholeNumber("n", Range);
        _ = root.Items("l", 0, 1);
        _ = root.Items("e", 1, 9);
        _ = root.Items("m", 0, 9);
        _ = root.WholeNumber("r", Range, isRequired: true);
        root.Find("t")!.Value.Report("it is odd");

        Assert.Equal(
        [
            "a.json: b is given twice; keep one of them.",
            "a.json: nn is unknown; did you mean n?",
            "a.json: ?[2J is unknown; expected one of n, s, b, t, c, d, l, e.",
            "a.json: n is 2.5; expected a whole number from 1 to 64.",
            "a.json: s is 0; expected a number above 0, at most 1.",
            "a.json: b is 2; expected true or false.",
            "a.json: t is null; expected text.",
            "a.json: c is \"rde\"; did you mean red?",
            "a.json: d is 7; expected one of red, blue.",
            "a.json: l[0].n is 1e99; expected a whole number from 1 to 64.",
            "a.json: l[1] is 7; expected an object such as { }.",
            "a.json: l has 2 items; expected at most 1.",
            "a.json: e is an empty list; expected a list of at least one.",
            "a.json: m is missing; expected a list.",
            "a.json: r is missing; expected a whole number from 1 to 64.",
            "a.json: t: it is odd.",
        ], problems);
    }

    [Fact]
    public void Parts_ManyUnknownKeys_AreCounted()
    {
        var problems = new List<string>();
        string properties = string.Join(", ", Enumerable.Range(0, 50).Select(i => $"\"key{i}\": 0"));
        using var file = JsonInput.Parse($"{{ {properties} }}", null, problems.Add);

        Assert.True(file!.Root.IsObject(["x"]));
        Assert.Equal((21, "the file has 30 more unknown keys."), (problems.Count, problems[^1]));
    }
}
