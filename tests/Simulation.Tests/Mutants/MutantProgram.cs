using System.Reflection;
using System.Runtime.Loader;

namespace Lockstep.Simulation.Tests.Mutants;

/// <summary>
/// The product with a bug in it, and these tests bound to it: the mutant's assembly, and copies of those that depend on it. All others
/// are those that run anyway.
/// </summary>
internal sealed class MutantProgram : AssemblyLoadContext
{
    // What depends on a project comes after it.
    private static readonly string[] Projects = ["Model", "Shared", "Coordinator", "Worker", "Simulation.Tests"];

    private readonly Dictionary<string, Assembly> _own = [];

    public MutantProgram(Mutant mutant)
        : base(mutant.Name, isCollectible: true)
    {
        using var changed = new MemoryStream(ProductProject.Of(mutant.Project).Compile(mutant));
        Assembly assembly = LoadFromStream(changed);
        _own[assembly.GetName().Name!] = assembly;
        foreach (string project in Projects)
        {
            string name = $"Lockstep.{project}";
            string path = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
            if (!_own.ContainsKey(name) && DependsOnOwn(path))
                _own[name] = LoadFromAssemblyPath(path);
        }
    }

    /// <summary>A method of the class <see cref="Searches"/>, bound to the mutant.</summary>
    public Func<int, Action<ulong>, string?> Search(string name) =>
        _own[typeof(Searches).Assembly.GetName().Name!].GetType(typeof(Searches).FullName!)!.GetMethod(name)!
            .CreateDelegate<Func<int, Action<ulong>, string?>>();

    protected override Assembly? Load(AssemblyName assemblyName) => _own.GetValueOrDefault(assemblyName.Name!);

    private bool DependsOnOwn(string path) =>
        Default.LoadFromAssemblyPath(path).GetReferencedAssemblies().Any(reference => _own.ContainsKey(reference.Name!));
}
