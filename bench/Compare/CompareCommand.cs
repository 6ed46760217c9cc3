using System.Globalization;
using System.Runtime.InteropServices;
using Lockstep.Bench.Compare.Rows;

namespace Lockstep.Bench.Compare;

/// <summary>Measures the rows that are asked for and writes what was found.</summary>
internal static class CompareCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        string? dataDirectory = Option(args, "--data-dir") ?? Environment.GetEnvironmentVariable("LOCKSTEP_DATA_DIR");
        int rounds = int.Parse(Option(args, "--rounds") ?? "5", CultureInfo.InvariantCulture);
        string[] letters = Option(args, "--rows")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? [.. RowTable.All.Select(row => row.Letter)];
        if (letters.Except(RowTable.All.Select(row => row.Letter)).FirstOrDefault() is { } unknown)
        {
            Console.Error.WriteLine($"There is no row '{unknown}'; the rows are "
                + $"{string.Join(", ", RowTable.All.Select(row => $"{row.Letter} ({row.What})"))}.");
            return 2;
        }

        string folder = Option(args, "--out") ?? Path.Combine("bench", "results");
        Machine machine = Machine.Measure();
        Console.Error.WriteLine(machine);
        using BenchContext context = await BenchContext.CreateAsync(dataDirectory, rounds);
        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => context.Dispose());
        var findings = new List<Finding>();
        foreach (Row row in RowTable.All.Where(row => letters.Contains(row.Letter)))
        {
            Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {row.Letter}: {row.What}");
            IReadOnlyList<Finding> found = await MeasureAsync(row, context);
            findings.AddRange(found);
            foreach (Finding finding in found)
                Console.Error.WriteLine($"         {finding.Figure?.Text ?? $"SKIPPED: {finding.Skipped}"}  {finding.What}");
        }

        DateTime now = DateTime.UtcNow;
        var report = new Report(
            now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC",
            $"dotnet run -c Release --project bench -- compare --data-dir DIR --rounds {rounds} --rows {string.Join(',', letters)}",
            $"{context.Data.Name}, {context.Data.TrainingExamples:N0} training images", machine, findings);
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        File.WriteAllText(path + ".json", report.ToJson());
        File.WriteAllText(path + ".md", report.ToMarkdown());
        if (Picture.Draw(findings) is { } picture)
            File.WriteAllText(path + ".svg", picture);
        Console.Write(report.ToMarkdown());
        Console.Error.WriteLine($"written: {path}.json, .md and, where rates were measured, .svg");
        return 0;
    }

    /// <summary>A row that cannot be measured here, or that fails, does not cost the others.</summary>
    private static async Task<IReadOnlyList<Finding>> MeasureAsync(Row row, BenchContext context)
    {
        try
        {
            return await row.MeasureAsync(context);
        }
        catch (RowSkippedException exception)
        {
            return [new Finding { Row = row.Letter, What = row.What, Skipped = exception.Message }];
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or TimeoutException)
        {
            return [new Finding { Row = row.Letter, What = row.What, Skipped = $"failed: {exception.Message}" }];
        }
    }

    private static string? Option(string[] args, string name)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }
}
