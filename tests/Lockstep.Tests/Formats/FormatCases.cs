using System.Globalization;
using System.Text;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Arrays;
using Lockstep.Data.Raw.Tables;
using Lockstep.Interchange;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Interchange;

namespace Lockstep.Lockstep.Tests.Formats;

/// <summary>The rows of <c>docs/formats.md</c>, in their order.</summary>
internal static class FormatCases
{
    private const string Line = "\n", Matrix = "1\n2\n3\n4\n5\n6", Square = "1\n2\n3\n4";

    private const string ReadGzip = "import gzip,sys; print(gzip.open(sys.argv[1], 'rt').read())";
    private const string ReadIdx = """
        import struct, sys
        d = open(sys.argv[1], 'rb').read()
        kind, rank = d[2], d[3]
        shape = struct.unpack('>%di' % rank, d[4:4 + 4 * rank])
        n = 1
        for s in shape: n *= s
        letter = {8: 'B', 9: 'b', 11: 'h', 12: 'i', 13: 'f', 14: 'd'}[kind]
        print('\n'.join(repr(float(v)) for v in struct.unpack('>%d%s' % (n, letter), d[4 + 4 * rank:])))
        """;

    private const string ReadNumpy = """
        import numpy, sys, warnings
        warnings.simplefilter('ignore')
        f = numpy.load(sys.argv[1])
        arrays = [f[n] for n in f.files if isinstance(f[n], numpy.ndarray)] if hasattr(f, 'files') else [f]
        print('\n'.join(repr(float(v)) for a in arrays for v in a.ravel(order='C')))
        """;

    private const string ReadSafetensors = """
        import json, struct, sys
        d = open(sys.argv[1], 'rb').read()
        n = struct.unpack('<Q', d[:8])[0]
        header, data = json.loads(d[8:8 + n]), d[8 + n:]
        def values(t):
            b = data[t['data_offsets'][0]:t['data_offsets'][1]]
            if t['dtype'] == 'BF16':
                return [struct.unpack('<f', b'\0\0' + b[i:i + 2])[0] for i in range(0, len(b), 2)]
            letter, size = {'F16': ('e', 2), 'F32': ('f', 4), 'F64': ('d', 8)}[t['dtype']]
            return struct.unpack('<%d%s' % (len(b) // size, letter), b)
        tensors = sorted((t for k, t in header.items() if k != '__metadata__'), key=lambda t: t['data_offsets'])
        print('\n'.join(repr(v) for t in tensors for v in values(t)))
        """;

    private const string LoadText = """
        import numpy, sys
        text = open(sys.argv[1], encoding='utf-8-sig').read()
        delimiter = ';' if ';' in text else ',' if ',' in text else None
        print('\n'.join(repr(float(v)) for v in numpy.loadtxt(text.splitlines(), delimiter=delimiter).ravel()))
        """;

    private const string ReadNumbers = """
        import csv, sys
        text = open(sys.argv[1], encoding='utf-8-sig', newline='').read()
        rows = csv.reader(text.splitlines(), delimiter=';' if ';' in text else ',')
        print('\n'.join(repr(float(v.replace(',', '.'))) for row in rows for v in row))
        """;

    private const string ReadTable = """
        import csv, sys
        b = open(sys.argv[1], 'rb').read()
        text = b.decode('utf-16' if b[:2] in (b'\xff\xfe', b'\xfe\xff') else 'utf-8-sig')
        import io
        delimiter = next(s for s in '\t|;,' if s in text.splitlines()[0])
        rows = [row for row in csv.reader(io.StringIO(text, newline=''), delimiter=delimiter) if row]
        for column in zip(*rows[1:]):
            for v in column: print(v.replace('\n', '/'))
        """;

    // As Excel reads it.
    private const string ReadTold = """
        import csv, sys
        text = open(sys.argv[1], encoding='utf-8-sig', newline='').read()
        told, *lines = text.splitlines()
        rows = list(csv.reader(lines, delimiter=told[4]))
        for column in zip(*[row for row in rows if not row[0].isalpha()]):
            for v in column: print(v)
        """;

    private const string ReadJson = """
        import json, sys
        for v in json.load(open(sys.argv[1], encoding='utf-8-sig'))['values']:
            print(v.encode('ascii', 'backslashreplace').decode() if isinstance(v, str) else v)
        """;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FormatCase> All { get; } =
    [
        new("gzip: several members", GzipText, ReadGzip, [],
            new FormatFile("two.gz", () => [.. Files.Gzip("1\n2\n"), .. Files.Gzip("3\n"), .. Files.Gzip(""), .. Files.Gzip("4")], Square)),
        new("gzip: a name, a comment and an extra field in the header", GzipText, ReadGzip, [],
            new FormatFile("named.gz", () => Files.GzipWithHeader("1\n2\n3\n4"), Square),
            new FormatFile("both.gz", () => [.. Files.GzipWithHeader("1\n2\n"), .. Files.GzipWithHeader("3\n4")], Square)),
        new("gzip: zeros after the last member", GzipText, ReadGzip, [],
            new FormatFile("padded.gz", () => [.. Files.Gzip("1\n2\n3\n4"), .. new byte[512]], Square),
            new FormatFile("two.gz", () => [.. Files.Gzip("1\n2\n"), .. Files.Gzip("3\n4"), .. new byte[7]], Square)),
        new("IDX: integers and floating-point numbers of every size, big-endian", IdxNumbers, ReadIdx, [],
            [.. Files.IdxOfEveryType()]),
        new("npy, npz: C and Fortran order, versions 1.0, 2.0 and 3.0", Arrays, ReadNumpy, ["numpy"],
            new FormatFile("c.npy", () => Files.Npy(1, "<f8", false, [1, 2, 3, 4, 5, 6]), Matrix),
            new FormatFile("f.npy", () => Files.Npy(1, "<f4", true, [1, 4, 2, 5, 3, 6]), Matrix),
            new FormatFile("v2.npy", () => Files.Npy(2, "<i4", false, [1, 2, 3, 4, 5, 6]), Matrix),
            new FormatFile("v3.npz", () => Files.Zip(("x.npy", Files.Npy(3, "<f4", false, [1, 2, 3, 4, 5, 6]))), Matrix)),
        new("npy, npz: big-endian and native numbers", Arrays, ReadNumpy, ["numpy"],
            new FormatFile("big4.npy", () => Files.Npy(1, ">f4", false, [1, 2, 3, 4, 5, 6]), Matrix),
            new FormatFile("big8.npz", () => Files.Zip(("x.npy", Files.Npy(1, ">f8", false, [1, 2, 3, 4, 5, 6]))), Matrix),
            new FormatFile("integers.npy", () => Files.Npy(1, ">i2", false, [1, 2, 3, 4, 5, 6]), Matrix),
            new FormatFile("native.npy", () => Files.Npy(1, "=f4", false, [1, 2, 3, 4, 5, 6]), Matrix)),
        new("npy, npz: shapes as Python 2 wrote them, such as `(2L, 3L)`", Arrays, ReadNumpy, ["numpy"],
            new FormatFile("long.npy", () => Files.Npy(1, "<f4", false, [1, 2, 3, 4, 5, 6], "(2L, 3L)"), Matrix),
            new FormatFile("one.npz", () => Files.Zip(("x.npy", Files.Npy(1, "<f4", false, [1, 2, 3, 4, 5, 6], "(6L,)"))), Matrix)),
        new("npz: stored and deflated entries", Weights, ReadNumpy, ["numpy"],
            new FormatFile("deflated.npz", () => Files.Zip(("x.npy", Files.Npy(1, "<f4", false, [1, 2, 3, 4, 5, 6]))), Matrix),
            new FormatFile("stored.npz", () => Files.Stored(("x.npy", Files.Npy(1, ">f8", false, [1, 2, 3, 4, 5, 6]))), Matrix)),
        new("npz: entries for folders, `__MACOSX/`, `._*`, `.DS_Store` beside the arrays", Weights, ReadNumpy, ["numpy"],
            new FormatFile("again.npz", () => Files.Zip(
                ("layer0/", []), ("layer0/weights.npy", Files.Npy(1, "<f4", false, [1, 2, 3, 4, 5, 6])),
                ("__MACOSX/layer0/._weights.npy", [0, 5]),
                ("layer0/._weights.npy", [0, 5]), (".DS_Store", [1])), Matrix)),
        new("safetensors: F16, BF16 and F64 beside F32, metadata, blanks in the header", Weights, ReadSafetensors, [],
            new FormatFile("all.safetensors", Files.Safetensors, "1\n-2.5\n3\n0.25\n0.5\n7")),
        new("weights in CSV: commas, semicolons, tabs or blanks between numbers", CsvWeights, LoadText, ["numpy"],
            [.. Texts("w.csv", Square, "1,2\n3,4\n", "1;2\n3;4\n", "1\t2\n3\t4\n", "1.0e+00 2.0e+00\n3.0e+00 4.0e+00\n",
                " 1   2\n 3   4\n")]),
        new("weights in CSV: blank lines, lines that begin with `#`, line ends of all systems", CsvWeights, LoadText, ["numpy"],
            [.. Texts("w.csv", Square, "\n1,2\n\n3,4\n\n", "# a,b\n1,2\n# c\n3,4\n#", "1,2\r\n3,4\r\n", "1,2\r3,4\r")]),
        new("weights in CSV: numbers in quotes, decimal commas where commas do not separate", CsvWeights, ReadNumbers, [],
            [.. Texts("w.csv", "1.5\n2\n3\n4", "\"1.5\",\"2\"\n\"3\",4\n", "1,5;2\n3,0;4\n", "\"1,5\",\"2,0\"\n3,4\n")]),
        new("weights in CSV: a byte order mark", CsvWeights, LoadText, ["numpy"], [.. Texts("w.csv", Square, "\uFEFF1,2\n3,4\n")]),
        new("weights in CSV: a first line `sep=;` names the separator", CsvWeights, ReadTold, [],
            [.. Texts("w.csv", "1\n2", "sep=;\n1;2\n", "sep=,\r\n1,2\r\n", "SEP=|\n1|2\n", "\uFEFFsep=\t\r1\t2\r")]),
        new("tables: separators and line ends in quotes, doubled quotes", Table, ReadTable, [],
            [.. Texts("t.csv", "1\n2\n3\nx,1\nsay \"hi\"\ntwo/lines", "a,b\n1,\"x,1\"\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n")]),
        new("tables: semicolons, tabs or bars as separators, blank lines, line ends of all systems", Table, ReadTable, [],
            [.. Texts("t.csv", "1\n3\nx\ny", "a;b\n1;x\n3;y\n", "a\tb\n1\tx\n3\ty\n", "a|b\n1|x\n\n3|y\n\n",
                "a,b\r\n1,x\r\n3,y\r\n", "a,b\r1,x\r3,y\r")]),
        new("tables: UTF-8 with a byte order mark, UTF-16 with one", Table, ReadTable, [],
            [.. Texts("t.csv", "1\n3\nö\ny", "\uFEFFa,b\n1,ö\n3,y\n"),
            new FormatFile("le.csv", () => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("a,b\n1,ö\n3,y\n")], "1\n3\nö\ny"),
            new FormatFile(
                "be.csv", () => [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes("a,b\n1,ö\n3,y\n")],
                "1\n3\nö\ny")]),
        new("tables: a first line `sep=;` names the separator", Table, ReadTold, [],
            [.. Texts("t.csv", "1\n3\nx,y\nz", "sep=;\na;b\n1;x,y\n3;z\n", "sep=|\r\na|b\r\n1|x,y\r\n3|z\r\n",
                "Sep=:\na:b\n1:x,y\n3:z\n")]),
        new("JSON: a byte order mark", Json, ReadJson, [], [.. Texts("a.json", "1\nx", "\uFEFF{\"values\": [1, \"x\"]}")]),
        new("JSON: escapes, also of characters beyond 16 bits, and numbers with exponents", Json, ReadJson, [],
            [.. Texts("a.json", "1000\n-0.015\n\\U0001f600/\\xe9", "{\"values\": [1e3, -1.5E-2, \"\\ud83d\\ude00\\/\\u00e9\"]}")]),
    ];

    private static IEnumerable<FormatFile> Texts(string name, string expected, params string[] texts) =>
        texts.Select((text, i) => new FormatFile($"{i}{name}", () => Encoding.UTF8.GetBytes(text), expected));

    private static string GzipText(string path)
    {
        using FileStream file = File.OpenRead(path);
        using var reader = new StreamReader(new GzipContentStream(file, 100, 1 << 20));
        return reader.ReadToEnd();
    }

    private static string IdxNumbers(string path)
    {
        using FileStream file = File.OpenRead(path);
        IdxArray array = IdxFile.ReadArray(file, path);
        return Lines(Enumerable.Range(0, array.Shape[0]).Select(i => array.Type switch
        {
            IdxType.UnsignedByte => array.Values[i],
            IdxType.SignedByte => (sbyte)array.Values[i],
            IdxType.Signed16 => BitConverter.ToInt16(array.Values, i * 2),
            IdxType.Signed32 => BitConverter.ToInt32(array.Values, i * 4),
            IdxType.Real32 => BitConverter.ToSingle(array.Values, i * 4),
            _ => BitConverter.ToDouble(array.Values, i * 8),
        }));
    }

    // As examples, whose types may be any.
    private static string Arrays(string path) => NamedArrays.Read(path, arrays =>
    {
        DenseArray array = arrays.Read("x");
        int count = array.Shape.Aggregate(1, (product, dimension) => product * dimension);
        return Lines(Enumerable.Range(0, count).Select(i => array.Type switch
        {
            ElementType.Float32 => BitConverter.ToSingle(array.Values, i * 4),
            ElementType.Float64 => BitConverter.ToDouble(array.Values, i * 8),
            ElementType.Int16 => BitConverter.ToInt16(array.Values, i * 2),
            _ => BitConverter.ToInt32(array.Values, i * 4),
        }));
    });

    private static string Weights(string path) =>
        Lines(WeightFormat.Read(path).Tensors.SelectMany(tensor => tensor.Values).Select(value => (double)value));

    private static string CsvWeights(string path)
    {
        string folder = Directory.CreateDirectory(path + ".folder").FullName;
        File.Copy(path, Path.Combine(folder, "w.csv"), overwrite: true);
        return Weights(folder);
    }

    private static string Table(string path)
    {
        RawTable table = CsvTable.Read(path, (_, _) => ColumnKind.Automatic);
        return string.Join(Line, table.Columns.SelectMany(column => column is TextValues texts
            ? texts.Codes.ToArray().Select(code => texts.Texts[code].Replace('\n', '/'))
            : Data.Tables.TableTexts.Numbers(column).Select(number => number.ToString("R", CultureInfo.InvariantCulture))));
    }

    private static string Json(string path)
    {
        using JsonInput file = JsonInput.Parse(File.ReadAllBytes(path), path, problem => throw new FormatException(problem))!;
        return string.Join(Line, file.Root.Items("values", 1, 9).Select(item => string.Concat(item.Scalar!.EnumerateRunes().Select(rune =>
            rune.Value > 0xffff ? $"\\U{rune.Value:x8}" : rune.Value > 126 ? $"\\x{rune.Value:x2}" : rune.ToString()))));
    }

    private static string Lines(IEnumerable<double> values) =>
        string.Join(Line, values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
}
