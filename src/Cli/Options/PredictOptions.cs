namespace Lockstep.Cli.Options;

/// <summary>What <c>predict</c> looks at.</summary>
internal static class PredictOptions
{
    // Above what anyone reads the answers of.
    private const int MostIndices = 1000;

    public static readonly CliOption<IReadOnlyList<string>> Images = CliOption.ListOf(
        "--image", ValueKind.Path.Legal, text => new[] { ValueKind.Path.Parse(text) }, "FILE...",
        "Pictures to look at: PNG, JPEG, GIF, WebP or BMP, of any size. Can be given several times.");

    public static readonly CliOption<string> Rows = new("--rows", ValueKind.Path)
    {
        Placeholder = "FILE", IsPerInvocation = true, IsCommandLineOnly = true,
        Elsewhere = ["--input", "--csv"],
        Help = "A table, a folder of pictures, or other examples like those that the model was trained on; labels are not needed. Answers "
            + "number the rows from 0 on. Where the file has parts, --split names one.",
    };

    public static readonly CliOption<string> Answers = new("--out", ValueKind.FileOf("CSV", ".csv"))
    {
        Placeholder = "FILE.csv", IsPerInvocation = true, IsCommandLineOnly = true,
        Elsewhere = ["--output", "-o"],
        Help = "Where to write the answers to all rows, with the probability of every class.",
    };

    public static readonly CliOption<IReadOnlyList<int>> Indices = CliOption.ListOf(
        "--index", "numbers of examples from 0 on, such as 3 or 3,17", ReadIndices, "N[,N...]",
        "Examples of the data set to look at. Can be given several times.");

    public static readonly CliOption<bool> AsIs = new("--as-is", ValueKind.Flag)
    {
        Default = "false", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "Take drawings as they are: 28 x 28 pixels, light on black, neither cut nor scaled nor moved.",
    };

    private static IEnumerable<int> ReadIndices(string text)
    {
        string[] parts = text.Split(',');
        if (parts.Length > MostIndices)
            throw new FormatException($"more than {MostIndices:N0} numbers");
        return parts.Select(ValueKind.Integer(0, int.MaxValue).Parse);
    }
}
