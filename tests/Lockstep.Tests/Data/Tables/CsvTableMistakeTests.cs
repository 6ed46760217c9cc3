using System.Text;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Tables;
using Lockstep.Model.Data;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Data.Tables;

public sealed class CsvTableMistakeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Mistakes => new()
    {
        { "a,b\n1,2\n3\n4,5,6\n7\n8,9\n1\n",
            "has rows with another number of fields than the header in line 1, which has 2: "
            + "line 3 has 1, line 4 has 3, line 5 has 1, and 1 more (the separator is ',')" },
        { "a,a,b,b\n1,2,3,4\n", "names 'a', 'b' more than once in line 1" },
        { "a,b\n", "has no rows below its header in line 1" },
        { "\n\n", "has no rows" },
        { "age\n1\n2\nabc\n4\n", "column 'age' has numbers, and in 1 of 4 rows other texts, the first 'abc' in line 4" },
        { "age\n1\n2\nabc\n4\n", "(--categorical age), or leave it out (--ignore age)" },
        { "age\nabc\n2\n3\n4\n", "column 'age' has numbers, and in 1 of 4 rows other texts, the first 'abc' in line 2" },
        { "a\n1\ninf\n", "column 'a' has 'inf' in line 3; expected finite numbers" },
        { "a\n1\n-Infinity\n", "'-Infinity' in line 3" },
        { "a\n1\n1e400\n", "'1e400' in line 3" },
        { "a;b\n1,5;2\n1.5;3\n", "mixes decimal commas and points: '1,5' in line 2, '1.5' in line 3" },
        { "a;b\n1,5;2\n1.234,5;3\n2;4\n", "'1.234,5' in line 3 (thousands separators are not read)" },
        { "a,b\n\"1,234\",2\n5,3\n6,1\n", "'1,234' in line 2 (thousands separators are not read)" },
        { "a,b\n1,\"x\n2,y\n", "line 2 has a quote that nothing closes up to the end of the file" },
        { "a,b\n1,x\n2,\0\n", "line 3 has a byte of value 0" },
        { "1.0e+00 2.0e+00\n3.0e+00 4.0e+00\n", "has blanks between the numbers of line 1; expected commas, semicolons, tabs or '|'" },
        { "a b label\n1 2.5 x\n3 4 y\n5 6 x\n", "has its 3 columns separated by blanks; expected commas, semicolons, tabs or '|'" },
        { "Customers 2024\na;b;label\n1;2;x\n3;4;y\n", "has a title above its columns, whose names are in line 2; remove line 1" },
        { "Customers;;\nof 2024;;\n;;\na;b;label\n1;2;x\n3;4;y\n", "has a title above its columns, whose names are in line 4; remove lines 1 to 3" },
        { "Customers 2024;;\na;b;label\n1;2;x\n3;4;y\n", "whose names are in line 2; remove line 1" },
        { "<!DOCTYPE html>\n<p>no</p>\n", "it looks like a web page" },
        { "PK\u0003\u0004 and so on", "it looks like a zip archive" },
        { "PAR1 and so on", "it looks like a Parquet file" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Read_Mistake_SaysWhere(string text, string expected)
    {
        string path = _folder.Write("table.csv", text);

        string message = Refusal(path);

        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "utf-16le")]
    [InlineData(true, "utf-16be")]
    public void Read_Utf16WithoutAMark_SaysHowToConvertIt(bool isBigEndian, string name)
    {
        string path = _folder.File("wide.csv");
        File.WriteAllBytes(path, new UnicodeEncoding(isBigEndian, byteOrderMark: false).GetBytes("größe,b\n1,x\n2,y\n"));

        Assert.Contains($"iconv -f {name} -t utf-8 {path} > utf8.csv", Refusal(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralColumnsWithMistakes_AllAreTold()
    {
        string message = Refusal(_folder.Write("table.csv", "a,b,c,d,e\n1,2,3,4,5\n1,2,3,4,5\nx,x,x,x,x\n"));

        Assert.Contains("has mistakes in 5 columns", message, StringComparison.Ordinal);
        Assert.Contains("column 'c'", message, StringComparison.Ordinal);
        Assert.Contains("2 more columns are alike", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TextInColumnOfNumbersAsAsked_IsRefused() => Assert.Contains(
        "column 'a' has numbers, and in 2 of 3 rows other texts",
        Refusal(_folder.Write("table.csv", "a\nx\ny\n1\n"), ColumnKind.Numbers), StringComparison.Ordinal);

    [Fact]
    public void Read_AllColumnsIgnored_IsRefused() => Assert.Contains(
        "has no column left", Refusal(_folder.Write("table.csv", "a\n1\n"), ColumnKind.Ignored), StringComparison.Ordinal);

    [Fact]
    public void Read_Latin1_IsRefusedWithTheLine()
    {
        File.WriteAllBytes(_folder.File("table.csv"), Encoding.Latin1.GetBytes("a,b\n1,x\n2,ü\n"));

        Assert.Contains("line 3 is not UTF-8", Refusal(_folder.File("table.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooManyColumns_IsRefusedEarly() => Assert.Contains(
        "has 1,000,001 columns; the maximum is 65,600",
        Refusal(_folder.Write("table.csv", new string(',', 1_000_000) + "\n")), StringComparison.Ordinal);

    [Fact]
    public void Read_AsManyColumnsAsAllowed_IsRead()
    {
        string row = string.Join(",", Enumerable.Range(0, CsvFormat.MaxColumns));

        RawTable table = CsvTable.Read(
            _folder.Write("table.csv", $"{row}\n{row}\n"), (_, column) => column < 3 ? ColumnKind.Automatic : ColumnKind.Ignored);

        Assert.Equal("column1 # 0|0\ncolumn2 # 1|1\ncolumn3 # 2|2", TableTexts.Of(table));
    }

    [Fact]
    public void Read_EndlessLine_IsRefusedInBoundedMemory()
    {
        byte[] zeros = new byte[100 << 20];
        zeros.AsSpan().Fill((byte)'1');
        File.WriteAllBytes(_folder.File("table.csv.gz"), CsvTableTests.Gzip(zeros));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("has a line of more than 64 MiB", Refusal(_folder.File("table.csv.gz")), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300 << 20);
    }

    [Fact]
    public void Read_DecompressionBomb_IsRefused()
    {
        byte[] rows = new byte[80 << 20];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = (byte)(i % 1024 == 1023 ? '\n' : 'x');
        File.WriteAllBytes(_folder.File("table.csv.gz"), CsvTableTests.Gzip(rows));

        Assert.Contains("decompression bomb", Refusal(_folder.File("table.csv.gz")), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoSuchFileFolderOrPipe_IsRefusedUnopened()
    {
        Assert.Contains("does not exist", Refusal(_folder.File("none.csv")), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refusal(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("is empty", Refusal(_folder.Write("empty.csv", "")), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Contains("no regular file", Refusal("/dev/zero"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_CutOrChangedAnywhere_IsReadOrRefused(bool gzip)
    {
        byte[] whole = Encoding.UTF8.GetBytes("# made\na,b,\"c\nd\"\n1,2.5,x\n\n3,NA,\"y \"\"z\"\"\"\r\n4,1e3,ü\n");
        whole = gzip ? CsvTableTests.Gzip(whole) : whole;
        for (int length = 0; length < whole.Length; length++)
        {
            string? refusal = Try(whole[..length]);
            Assert.False(gzip && refusal is null, $"A gzip file of {length} of {whole.Length} bytes was read.");
        }

        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            byte[] changed = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            _ = Try(changed);
        }
    }

    private string? Try(byte[] bytes)
    {
        File.WriteAllBytes(_folder.File("table.csv"), bytes);
        try
        {
            _ = TableTexts.Of(CsvTable.Read(
                _folder.File("table.csv"), (_, _) => ColumnKind.Automatic, new TableReading { BlockBytes = 16, Threads = 1 }));
            return null;
        }
        catch (DatasetException e)
        {
            return e.Message;
        }
    }

    private static string Refusal(string path, ColumnKind kind = ColumnKind.Automatic) =>
        Assert.Throws<DatasetException>(() => CsvTable.Read(path, (_, _) => kind)).Message;
}
