using System.Globalization;
using System.Text;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Data.Preparing;

/// <summary>Files as a user has them, in a folder that is gone after the test, and what reading them gives.</summary>
internal sealed class OwnFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    public string File(string name) => _folder.File(name);

    public string Write(string name, string text) => _folder.Write(name, text);

    /// <summary>A table of flowers of two kinds: two numbers, a colour, and the kind.</summary>
    public string Flowers(string name = "flowers.csv", int rows = 60, Func<int, string, string>? change = null)
    {
        var text = new StringBuilder("length,width,colour,kind\n");
        for (int i = 0; i < rows; i++)
        {
            bool isRose = i % 3 == 0;
            string row = string.Create(
                CultureInfo.InvariantCulture,
                $"{(isRose ? 5 : 2) + i % 7 * 0.1:0.0},{1 + i % 5 * 0.25},{(i % 4 == 0 ? "red" : "blue")},{(isRose ? "rose" : "iris")}");
            _ = text.Append(change?.Invoke(i, row) ?? row).Append('\n');
        }

        return Write(name, text.ToString());
    }

    public static PreparationOptions Kind { get; } = new() { Label = "kind" };

    public static async Task<LoadedDataset> LoadAsync(string path, PreparationOptions? options = null, LoadedDataset? known = null) =>
        await new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = System.IO.Path.GetTempPath() }).LoadAsync(
            new DatasetRequest { Path = path, Preparing = options ?? new PreparationOptions(), Known = known?.Data.ToSpec() });

    public static async Task<string> RefusedAsync(string path, PreparationOptions? options = null) =>
        (await Assert.ThrowsAnyAsync<DatasetException>(() => LoadAsync(path, options))).Message;

    public void Dispose() => _folder.Dispose();
}
