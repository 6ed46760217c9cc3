using System.Globalization;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Data.Preparing;

/// <summary>Values that several threads find are told as if one had.</summary>
public class TableMistakeTests
{
    [Fact]
    public async Task LoadAsync_NumbersWithoutDeviation_NamesTheColumn()
    {
        DatasetException refused = await RefusedAsync(row => $"{row}e200", new PreparationOptions());
        Assert.StartsWith("The column 'size' has numbers so large that", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_NumberBeyondSinglePrecision_NamesLineAndColumn()
    {
        DatasetException refused = await RefusedAsync(
            row => row == 7 ? "1e60" : row.ToString(CultureInfo.InvariantCulture), new PreparationOptions { Standardizes = false });
        Assert.Contains("'size' is too large for single precision", refused.Message, StringComparison.Ordinal);
        Assert.Contains("line 9", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<DatasetException> RefusedAsync(Func<int, string> size, PreparationOptions options)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(
            "sizes.csv", "size,label\n" + string.Concat(
                Enumerable.Range(0, 60).Select(row => $"{size(row)},{(row % 2 == 0 ? "a" : "b")}\n")));
        var loader = new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = folder.Path });
        return await Assert.ThrowsAsync<DatasetException>(
            () => loader.LoadAsync(new DatasetRequest { Path = path, Preparing = options }));
    }
}
