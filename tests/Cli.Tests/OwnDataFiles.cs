using System.Globalization;
using System.Text;
using SkiaSharp;

namespace Lockstep.Cli.Tests;

/// <summary>Files of a user's own in a temporary folder.</summary>
internal sealed class OwnDataFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Path of a file.</summary>
    public string File(string name) => _folder.File(name);

    /// <summary>Writes a file.</summary>
    public string Write(string name, string text) => _folder.Write(name, text);

    /// <summary>Trains an epoch on files, in a new run folder unless one is given.</summary>
    public Task<CommandRun> TrainAsync(string data, params string[] more) => TinyRun.CoordinateAsync(
        ["--dataset", data, "--epochs", "1", .. more.Contains("--out") ? more : [.. more, "--out", NewRun()]]);

    private string NewRun() => File("run" + Guid.NewGuid().ToString("N"));

    /// <summary>60 rows of two numbers, of which the greater tells the class, after further columns.</summary>
    public string Table(string? names = null, Func<int, string>? more = null)
    {
        var text = new StringBuilder($"{(names is null ? "" : names + ",")}a,b,class\n");
        for (int row = 0; row < 60; row++)
        {
            (double a, double b) = (row * 37 % 60 / 60.0, row * 23 % 60 / 60.0);
            if (more is not null)
                _ = text.Append(more(row)).Append(',');
            _ = text.Append(CultureInfo.InvariantCulture, $"{a:0.000},{b:0.000},{(a > b ? "left" : "right")}\n");
        }

        return Write("table.csv", text.ToString());
    }

    /// <summary>20 pictures of 6 x 6 pixels of each of two classes.</summary>
    public string Pictures()
    {
        foreach (string name in new[] { "left", "right" })
        {
            string folder = Directory.CreateDirectory(Path.Combine(File("pictures"), name)).FullName;
            for (int i = 0; i < 20; i++)
                _ = TestPictures.Write(
                    Path.Combine(folder, $"{i}.png"), 6, 6, (x, _) => x < 3 == (name == "left") ? SKColors.Red : SKColors.Blue);
        }

        return File("pictures");
    }
}
