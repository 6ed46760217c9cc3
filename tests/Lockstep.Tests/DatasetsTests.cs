using Lockstep.Data;
using Lockstep.Model.Data;

namespace Lockstep.Tests;

public class DatasetsTests
{
    [Fact]
    public async Task LoadAsync_UnknownName_SaysWhichThereAre()
    {
        var refused = await Assert.ThrowsAsync<DatasetException>(() => Datasets.LoadAsync("mnst", offline: true));
        Assert.All(Datasets.Names, name => Assert.Contains(name, refused.Message));
    }

    [Fact]
    public async Task LoadAsync_FolderWithoutTheFiles_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var refused = await Assert.ThrowsAsync<DatasetException>(() => Datasets.LoadAsync("mnist", folder.Path));
        Assert.Contains(folder.Path, refused.Message);
    }
}
