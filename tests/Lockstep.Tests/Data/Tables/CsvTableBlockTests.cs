using System.Globalization;
using System.Text;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Tables;
using Lockstep.Model.Data;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Data.Tables;

/// <summary>A table, and what is wrong with it, depends on the file only.</summary>
public sealed class CsvTableBlockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Read_BlocksAndThreads_DoNotMatter(int seed)
    {
        string path = _folder.Write("table.csv", RandomTable(new Random(seed)));
        string expected = Outcome(path, new TableReading { Threads = 1 });

        foreach (int bytes in new[] { 1, 2, 3, 7, 16, 61, 250, 1000 })
        {
            foreach (int threads in new[] { 1, 2, 5 })
                Assert.Equal(expected, Outcome(path, new TableReading { Threads = threads, BlockBytes = bytes }));
        }
    }

    /// <summary>The splitter is compared with a plain one, a letter at a time, of the same rules.</summary>
    [Fact]
    public void Read_RandomTexts_AreSplitAsByAPlainSplitter()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var rows = Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, 3).Select(_ => RandomText(random)).ToArray()).ToList();
            var text = new StringBuilder("a,b,c\n");
            foreach (string[] row in rows)
                _ = text.Append(string.Join(",", row.Select(field => Quote(field, random)))).Append(random.Next(2) == 0 ? "\n" : "\r\n");

            RawTable table = CsvTable.Read(
                _folder.Write("table.csv", text.ToString()), (_, _) => ColumnKind.Texts, new TableReading { BlockBytes = 100 });

            for (int column = 0; column < 3; column++)
            {
                TextValues values = Assert.IsType<TextValues>(table.Columns[column]);
                Assert.Equal(rows.Select(row => row[column]), values.Codes.ToArray().Select(code => code < 0 ? "" : values.Texts[code]));
            }
        }
    }

    private static string RandomText(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => "xyz,\"\n\ré;"[random.Next(9)]));

    /// <summary>Fields in quotes where RFC 4180 asks for it, and sometimes elsewhere.</summary>
    private static string Quote(string field, Random random) =>
        field.AsSpan().ContainsAny(",\"\r\n") || random.Next(4) == 0
            ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : field;

    private static string RandomTable(Random random)
    {
        char separator = ",;\t|"[random.Next(4)];
        bool mistakes = random.Next(3) == 0;
        var text = new StringBuilder(string.Join(separator, "pixel", "real", "text", "quoted")).Append('\n');
        for (int row = 0; row < 300; row++)
        {
            string[] fields =
            [
                random.Next(256).ToString(CultureInfo.InvariantCulture),
                random.Next(20) == 0 ? "" : random.NextDouble().ToString("R", CultureInfo.InvariantCulture),
                random.Next(9) == 0 ? "NA" : $"t{random.Next(5)}",
                random.Next(3) == 0 ? $"\"a{separator}\"\"b\n{random.Next(3)}\"" : "\"plain\"",
            ];
            _ = text.Append(string.Join(separator, fields[..(mistakes && random.Next(30) == 0 ? 3 : 4)]));
            _ = text.Append(random.Next(3) switch { 0 => "\n", 1 => "\r\n", _ => "\n\n" });
        }

        return text.ToString();
    }

    private static string Outcome(string path, TableReading reading)
    {
        try
        {
            RawTable table = CsvTable.Read(path, (_, _) => ColumnKind.Automatic, reading);
            return TableTexts.Of(table) + string.Join(",", Enumerable.Range(0, table.Count).Select(table.PlaceOf));
        }
        catch (DatasetException e)
        {
            return e.Message;
        }
    }
}
