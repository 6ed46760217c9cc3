using System.Globalization;

namespace Lockstep.Lockstep.Tests.Interchange;

/// <summary>Tables of a few kinds of columns, and the class that a row has by them.</summary>
/// <param name="columns">
/// A letter a column: n a small number, t a timestamp, h a huge number, c a text of three, o a text that is always the same.
/// </param>
/// <param name="seed">Chooses the values.</param>
internal sealed class TestTable(string columns, int seed)
{
    private static readonly string[] Places = ["Oslo", "Rio, Brazil", "Zürich"], Classes = ["high \"one\"", "low", "mëdium"];

    private readonly Random _random = new(seed);

    /// <summary>Rows by the names of the columns.</summary>
    /// <param name="count">How many.</param>
    /// <param name="isWild">Whether values are missing, and texts are new.</param>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Rows(int count, bool isWild) =>
        [.. Enumerable.Range(0, count).Select(_ => Row(isWild))];

    /// <summary>The rows as a file.</summary>
    public static string Csv(IReadOnlyList<IReadOnlyDictionary<string, string>> rows) => string.Concat(
        rows.Select(row => row.Values).Prepend(rows[0].Keys).Select(fields => string.Join(',', fields.Select(Quoted)) + "\n"));

    private static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(",\"") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private Dictionary<string, string> Row(bool isWild)
    {
        int kind = _random.Next(3);
        var row = new Dictionary<string, string>();
        for (int i = 0; i < columns.Length; i++)
            row[$"{columns[i]}{i}"] = Value(columns[i], _random.Next(8) == 0 ? _random.Next(3) : kind, isWild);
        row["kind"] = Classes[kind];
        return row;
    }

    private string Value(char column, int kind, bool isWild)
    {
        if (isWild && _random.Next(5) == 0)
            return "";
        bool isUnknown = isWild && _random.Next(5) == 0;
        return column switch
        {
            'n' => Number(kind + _random.NextDouble()),
            't' => Number(1.7e9 + 1000 * kind + _random.Next(1000)),
            'h' => Number((kind + _random.NextDouble()) * 1e100),
            'c' => isUnknown ? "Atlantis" : Places[kind],
            'o' => isUnknown ? "other" : "same",
            _ => throw new ArgumentOutOfRangeException(nameof(column), column, "No kind of column."),
        };
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
