using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Lockstep.Data;
using Lockstep.Model.Data;
using SkiaSharp;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row m: reading a table and a folder of pictures, over what Python reads them with. Ours ends with a prepared data set: split, scaled and
/// with its digest; theirs with the values in memory.
/// </summary>
internal static class ReadingOverPython
{
    private const int Columns = 100, Side = 28;

    // The issue of a million rows takes a minute a round; LOCKSTEP_BENCH_ROWS makes it shorter.
    private static readonly int Rows = int.Parse(
        Environment.GetEnvironmentVariable("LOCKSTEP_BENCH_ROWS") ?? "1000000", CultureInfo.InvariantCulture);

    public static async Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        string table = context.NewRunFolder() + ".csv", pictures = context.NewRunFolder();
        WriteTable(table);
        int count = WritePictures(pictures, (ImageSet)context.Data.Training);
        var readings = new[]
        {
            (What: $"reading {Rows:N0} rows of {Columns} floats in CSV, over pandas", Script: "read_csv.py", Path: table, Label: "class"),
            (What: $"reading {count:N0} PNG files of {Side} x {Side}, over PIL in one process", Script: "read_png.py", Path: pictures,
                Label: null),
        };
        var findings = new List<Finding>();
        foreach ((string what, string script, string path, string? label) in readings)
        {
            var ours = new List<double>();
            var again = new List<double>();
            var theirs = new List<double>();
            for (int round = 0; round < context.Rounds; round++)
            {
                string cache = context.NewRunFolder();
                ours.Add(await OursAsync(path, label, cache));
                again.Add(await OursAsync(path, label, cache));
                theirs.Add(Theirs(script, path));
            }

            var lockstep = new Series("`DatasetLoader`, all cores: read, prepared, digest, kept in the cache", "seconds", ours);
            var cached = new Series("the same from the cache", "seconds", again);
            var python = new Series(script, "seconds", theirs);
            findings.Add(new Finding
            {
                Row = "m",
                What = what,
                Figure = python.Over(lockstep, "ratio"),
                Goal = Goal.Least(1, 3),
                Measured = [lockstep, cached, python],
            });
        }

        return findings;
    }

    private static async Task<double> OursAsync(string path, string? label, string cache)
    {
        var loader = new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = cache });
        var clock = Stopwatch.StartNew();
        LoadedDataset loaded = await loader.LoadAsync(
            new DatasetRequest { Path = path, Preparing = new PreparationOptions { Label = label } });
        _ = loaded.Data.Sha256;
        return clock.Elapsed.TotalSeconds;
    }

    private static double Theirs(string script, string path)
    {
        ProcessStartInfo start = TorchPeer.Command(script, [path], 0, 1, 0);
        using Process process = Process.Start(start)!;
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonNode.Parse(answer)!["seconds"]!.GetValue<double>()
            : throw new RowSkippedException($"{script} failed: install pandas and Pillow (Debian: python3-pandas, python3-pil), or name an "
                + "interpreter that has them with LOCKSTEP_PYTHON.");
    }

    private static void WriteTable(string path)
    {
        var random = new Random(1);
        using var file = new StreamWriter(path, append: false, Encoding.UTF8, 1 << 20);
        file.Write(string.Join(',', Enumerable.Range(0, Columns).Select(column => $"x{column}")) + ",class\n");
        var line = new StringBuilder();
        for (int row = 0; row < Rows; row++)
        {
            _ = line.Clear();
            for (int column = 0; column < Columns; column++)
                _ = line.Append(CultureInfo.InvariantCulture, $"{random.NextDouble() * 20 - 10:0.000000},");
            file.Write(line.Append(row % 2).Append('\n'));
        }
    }

    private static int WritePictures(string folder, ImageSet images)
    {
        byte[] pixels = new byte[images.Pixels];
        foreach (byte label in images.Labels.ToArray().Distinct())
            _ = Directory.CreateDirectory(Path.Combine(folder, $"{label}"));
        for (int i = 0; i < images.Count; i++)
        {
            images.CopyPixels(i, pixels);
            using var bitmap = new SKBitmap(new SKImageInfo(images.Width, images.Height, SKColorType.Gray8, SKAlphaType.Opaque));
            pixels.CopyTo(bitmap.GetPixelSpan());
            using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
            File.WriteAllBytes(Path.Combine(folder, $"{images.Labels[i]}", $"{i}.png"), png.ToArray());
        }

        return images.Count;
    }
}
